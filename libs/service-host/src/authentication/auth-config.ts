import { z } from "zod";

/** The variables of authentication. Without `AUTH_JWKS_URL` it is off, which only a loopback address allows. */
export const authConfig = {
  /** The issuer's public keys, such as `http://127.0.0.1:9701/.well-known/jwks.json`, or a file that is mounted. */
  AUTH_JWKS_URL: z
    .url({ protocol: /^(https?|file)$/ })
    .optional()
    .describe("the URL of the issuer's JWKS: http, https or file"),
  /** The `iss` of tokens. If it is not set: the value of SHOP, as the shop's own issuer has it. */
  AUTH_ISSUER: z
    .string()
    .regex(/^[\w.:/~-]{1,200}$/)
    .optional()
    .describe("the issuer as its tokens name it: at most 200 letters, digits and . : / ~ _ -"),
};

/** The part of a service's configuration that says which tokens count. */
export type AuthConfig = z.infer<z.ZodObject<typeof authConfig>> & { readonly SHOP: string; readonly HOST: string };

/** `iss` and `aud` of the tokens that count: a token is for one shop. */
export function tokenNames({ AUTH_ISSUER, SHOP }: Pick<AuthConfig, "AUTH_ISSUER" | "SHOP">) {
  return { issuer: AUTH_ISSUER ?? SHOP, audience: SHOP };
}
