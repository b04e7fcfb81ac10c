import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  createSigningKey,
  issueToken,
  publicKeysAt,
  type SigningKey,
  type TokenClaims,
} from "@doubleshot/identity/issuing";
import { afterAll, beforeAll } from "vitest";

export interface TestIssuer {
  /** Environment of a process that trusts this issuer. */
  readonly env: { readonly AUTH_JWKS_URL: string };
  readonly key: SigningKey;
  /** A token for a shop: of `subject` with `roles`, valid from now for an hour, unless the claims say otherwise. */
  token(shop: string, claims: Partial<TokenClaims> & Pick<TokenClaims, "subject" | "roles">): Promise<string>;
}

/** For the tests of a file: an issuer of tokens with one key, whose JWKS is a file. */
export function useIssuer(): TestIssuer {
  let key: SigningKey | undefined;
  const folder = mkdtempSync(join(tmpdir(), "doubleshot-issuer-"));
  const file = join(folder, "jwks.json");
  beforeAll(async () => {
    key = await createSigningKey(0);
    writeFileSync(file, JSON.stringify(publicKeysAt([key], Date.now())));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const issuer: TestIssuer = {
    env: { AUTH_JWKS_URL: pathToFileURL(file).href },
    get key() {
      if (key === undefined) throw new Error("The issuer gets its key before the first test: use it inside a test.");
      return key;
    },
    token: (shop, claims) =>
      issueToken(issuer.key, { issuer: shop, audience: shop, issuedAt: Date.now(), lifetimeSeconds: 3_600, ...claims }),
  };
  return issuer;
}
