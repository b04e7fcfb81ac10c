import { createSecret, hashSecret } from "@doubleshot/identity/issuing";
import { Api, callerOf, ProblemError, requireOwner, type TokenBuckets } from "@doubleshot/service-kit";
import { jwksPath } from "@doubleshot/shop";
import { z } from "zod";
import type { CustomerStore } from "../customer-store.ts";
import type { GrantToken } from "../tokens/grant-token.ts";
import type { SecretStore } from "../tokens/secret-store.ts";
import type { TokenIssuer } from "../tokens/token-issuer.ts";
import { secretJson } from "./customer-json.ts";
import {
  customerParams,
  customerProblems,
  customerSubject,
  isCustomerId,
  unknownCustomer,
} from "./customer-problems.ts";

export interface TokensParts {
  readonly grantToken: GrantToken;
  readonly issuer: TokenIssuer;
  readonly secrets: SecretStore;
  readonly customers: CustomerStore;
  /** Attempts of each address. */
  readonly attempts: TokenBuckets;
}

const grantOperation = {
  id: "createToken",
  method: "post",
  path: "/tokens",
  summary: "A token for a customer",
  description: "For the id of the customer and its secret. A token lasts an hour; ask for the next one in time.",
  access: "public",
  body: { schema: z.object({ customer_id: z.uuid().toLowerCase(), secret: secretJson }), others: "refused" },
  answers: {
    200: {
      description: "The token, for `Authorization: Bearer`.",
      schema: z.object({
        access_token: z.string(),
        token_type: z.literal("Bearer"),
        expires_in: z.int().describe("Seconds."),
      }),
    },
  },
  problems: {
    401: "There is no such customer, or the secret is wrong.",
    429: "Too many attempts from your address: ask again after `Retry-After` seconds.",
    503: "Too many callers ask for tokens: ask again after `Retry-After` seconds.",
  },
} as const;

function addGrantRoute(api: Api, { grantToken, attempts }: TokensParts): void {
  // Before the body is read: under an attack, reading is most of the cost.
  api.router.use(grantOperation.path, (request, _response, next) => {
    const caller = callerOf(request).id;
    if (request.method !== "POST" || attempts.take(caller)) return next();
    const headers = { "Retry-After": String(attempts.quota(caller).nextInSeconds) };
    next(
      new ProblemError(429, "Your address asks for too many tokens. Ask again after Retry-After seconds.", { headers }),
    );
  });
  api.handle(grantOperation, async ({ body: { customer_id: customerId, secret } }, response) => {
    const granted = await grantToken.grant(customerId, secret);
    if (granted.outcome === "refused") throw wrongSecret();
    if (granted.outcome === "busy") {
      const headers = { "Retry-After": "2" };
      throw new ProblemError(503, "Too many callers ask for tokens. Ask again after Retry-After seconds.", { headers });
    }
    const { token, lifetimeSeconds } = granted.accessToken;
    response
      .set("Cache-Control", "no-store")
      .json({ access_token: token, token_type: "Bearer", expires_in: lifetimeSeconds });
  });
}

/** The same for an unknown customer, after the same time. */
function wrongSecret(): ProblemError {
  const headers = { "WWW-Authenticate": 'Bearer realm="shop"' };
  const detail =
    "There is no such customer, or the secret is wrong. Check both; if the secret is lost, replace it with POST /customers/{id}/secret.";
  return new ProblemError(401, detail, { headers });
}

const replaceOperation = {
  id: "replaceSecret",
  method: "post",
  path: "/customers/{id}/secret",
  summary: "Replace the secret of a customer",
  description: "The answer shows the new secret once. The old secret stops working; tokens already issued stay valid.",
  access: { customer: "own" },
  params: customerParams,
  answers: { 201: { description: "The new secret.", schema: z.object({ secret: secretJson }) } },
  problems: customerProblems,
} as const;

function addReplaceRoute(api: Api, { customers, secrets }: TokensParts): void {
  api.handle(replaceOperation, async ({ params: { id }, request }, response) => {
    requireOwner(request, id);
    const customer = isCustomerId(id) ? await customers.get(id) : undefined;
    if (customer === undefined) throw unknownCustomer();
    const secret = createSecret();
    await secrets.replace(id, await hashSecret(secret));
    response.status(201).set("Cache-Control", "no-store").json({ secret });
  });
}

const publicKeyJson = z
  .object({
    ...{ kty: z.literal("EC"), crv: z.literal("P-256"), x: z.string(), y: z.string() },
    ...{ kid: z.string(), alg: z.literal("ES256"), use: z.literal("sig") },
  })
  .meta({ id: "PublicKey" });

const keysOperation = {
  id: "getPublicKeys",
  method: "get",
  path: jwksPath,
  summary: "The keys that tokens are verified with",
  description:
    "A JSON Web Key Set (RFC 7517). A new key is listed ten minutes before it signs, unless it is the first key or an operator lets it sign at once: load the set again when a token names an unknown key.",
  access: "public",
  answers: {
    200: {
      description: "The keys.",
      schema: z.object({ keys: z.array(publicKeyJson) }),
      headers: { "Cache-Control": "How long a copy is good for." },
    },
  },
} as const;

function addKeysRoute(api: Api, { issuer }: TokensParts): void {
  api.handle(keysOperation, async (_parsed, response) => {
    const keys = await issuer.publicKeys();
    response.set("Cache-Control", "public, max-age=60").json(keys);
  });
}

/** Tokens: customers ask for them, and services for the keys that verify them. */
export function tokensApi(parts: TokensParts): Api {
  const api = new Api("tokens");
  customerSubject.setFromPath(api.router, "id");
  addGrantRoute(api, parts);
  addReplaceRoute(api, parts);
  addKeysRoute(api, parts);
  return api;
}
