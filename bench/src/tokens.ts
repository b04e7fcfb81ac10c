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
// to check a secret.

readArguments("tokens");

const rounds = 9;
const tokensPerRound = 500;
const secretsPerRound = 5;

const key = await createSigningKey(0);
const published = publicKeysAt([key], Date.now()).keys;
const keys = new KeySet({ load: async () => published, onTrouble: () => undefined });
const verifier = new TokenVerifier({ keys, issuer: "shop", audience: "shop" });
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
  record("verify it for the first time", await cpuOf(tokensPerRound, () => verifyAll(tokens)));
  record("verify it again", await cpuOf(tokensPerRound, () => verifyAll(tokens)));
  const checkAll = async () => {
    for (let index = 0; index < secretsPerRound; index++) await matchesSecret(secret, hash);
  };
  record("check a secret", await cpuOf(secretsPerRound, checkAll));
}

for (const [what, values] of measured) {
  const median = percentile(values, 50);
  process.stdout.write(`${what.padEnd(30)} ${median.toFixed(median < 1 ? 4 : 1)} ms CPU\n`);
}
