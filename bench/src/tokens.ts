import { createPublicKey, verify } from "node:crypto";
import { KeySet, TokenVerifier } from "@doubleshot/identity";
import {
  createSecret,
  createSigningKey,
  hashSecret,
  issueToken,
  matchesSecret,
  publicKeysAt,
} from "@doubleshot/identity/issuing";
import { readArguments } from "./command-line.ts";
import { percentile } from "./rush/percentile.ts";

// npm run tokens -w bench: the CPU, of all threads, that tokens cost: to verify one for the first time and again, to sign one, and
// to check a secret. The signature alone, by OpenSSL, is the least that a first verification costs on this machine.

readArguments("tokens");

const rounds = 9;
const tokensPerRound = 500;
const secretsPerRound = 5;

const key = await createSigningKey(0);
const published = publicKeysAt([key], Date.now()).keys;
const keys = new KeySet({ load: async () => published, onTrouble: () => undefined });
const verifier = new TokenVerifier({ keys, issuer: "shop", audience: "shop" });
const [publicKey] = published.map(({ kty, crv, x, y }) => createPublicKey({ key: { kty, crv, x, y }, format: "jwk" }));
const secret = createSecret();
const hash = await hashSecret(secret);

const sign = () =>
  issueToken(key, {
    ...{ subject: crypto.randomUUID(), roles: ["customer"], issuer: "shop", audience: "shop" },
    ...{ issuedAt: Date.now(), lifetimeSeconds: 3_600 },
  });

async function verifyAll(tokens: readonly string[]): Promise<void> {
  for (const token of tokens) {
    const { outcome } = await verifier.verify(token);
    if (outcome !== "verified") throw new Error(`A token of this issuer is ${outcome}.`);
  }
}

async function verifySignatures(tokens: readonly string[]): Promise<void> {
  if (publicKey === undefined) throw new Error("The issuer publishes no key.");
  for (const token of tokens) {
    const end = token.lastIndexOf(".");
    const [signed, signature] = [Buffer.from(token.slice(0, end)), Buffer.from(token.slice(end + 1), "base64url")];
    if (!verify("sha256", signed, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature))
      throw new Error("The signature of a token of this issuer is wrong.");
  }
}

/** Milliseconds of CPU for each of the calls that `run` makes. */
async function cpuOf(calls: number, run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / calls;
}

const measured = new Map<string, number[]>();
const record = (what: string, ms: number) => measured.set(what, [...(measured.get(what) ?? []), ms]);

for (let round = 0; round < rounds; round++) {
  const tokens: string[] = [];
  const signAll = async () => {
    for (let index = 0; index < tokensPerRound; index++) tokens.push(await sign());
  };
  record("sign a token", await cpuOf(tokensPerRound, signAll));
  record("verify its signature alone", await cpuOf(tokensPerRound, () => verifySignatures(tokens)));
  record("verify it for the first time", await cpuOf(tokensPerRound, () => verifyAll(tokens)));
  record("verify it again", await cpuOf(tokensPerRound, () => verifyAll(tokens)));
  const checkAll = async () => {
    for (let index = 0; index < secretsPerRound; index++) await matchesSecret(secret, hash);
  };
  record("check a secret", await cpuOf(secretsPerRound, checkAll));
}

const median = (what: string) => percentile(measured.get(what) ?? [], 50);
for (const what of measured.keys()) {
  process.stdout.write(`${what.padEnd(34)} ${median(what).toFixed(median(what) < 1 ? 4 : 1)} ms CPU\n`);
}
const ratio = median("verify it for the first time") / median("verify its signature alone");
process.stdout.write(`${"first time, in signatures alone".padEnd(34)} ${ratio.toFixed(2)} x\n`);
