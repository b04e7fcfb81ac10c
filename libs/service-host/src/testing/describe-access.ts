import { setTimeout as delay } from "node:timers/promises";
import { type Access, engineer, guest, type Operation, rolesOf } from "@doubleshot/service-kit";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { host } from "../host-tokens.ts";
import type { HostedService } from "../hosted-service.ts";
import type { ServiceDefinition } from "../service-definition.ts";
import { fakeAws } from "./fake-aws.ts";
import { useIssuer } from "./use-issuer.ts";
import { useService } from "./use-service.ts";

/** The id in each path, and the subject of each token: each path names the caller's own things. */
const ownId = "01a1fc6f-67fa-72ac-a3ff-000000000001";
/** A role that no route names. */
const stranger = "stranger";
/** Milliseconds after which a request without an answer is taken to wait for something, once later requests are answered. */
const suspectedAfterMs = 50;

export function describeAccess<Shape extends z.ZodRawShape>(
  manifest: HostedService,
  definition: ServiceDefinition<Shape>,
  env: NodeJS.ProcessEnv,
): void {
  describe("access", () => {
    const issuer = useIssuer();
    const here = useService(manifest, definition, fakeAws);
    const { operations, roles } = routesOf(() => here.container().get(host.http).apis);

    test("each route lets in the roles of its definition, and no others", async () => {
      const { url } = await here.start({ CONSUME: "off", ...env, ...issuer.env });
      for (const role of roles()) {
        const token = role === guest ? undefined : await tokenOf(role);
        for (const operation of operations()) {
          const where = `${role} at ${operation.method} ${operation.path}`;
          const expected = expectedOf(operation.access, role);
          expect(`${where}: ${await outcomeOf(url, operation, { token, waits: expected === "admitted" })}`).toBe(
            `${where}: ${expected}`,
          );
        }
      }
    });

    test("where it is off, no route asks for a token", async () => {
      const { url } = await here.start({ CONSUME: "off", ...env });
      for (const operation of operations()) {
        expect(await outcomeOf(url, operation, { token: undefined, waits: true })).toBe("admitted");
      }
    });

    test.each(["0.0.0.0", "::", "192.0.2.1", "shop.example"])("is not off on %s: the process ends", async (HOST) => {
      const starting = here.start({ HOST });
      await expect(starting).rejects.toThrow(/^AUTH_JWKS_URL is not set; it must be [^\n]+\.$/);
      await expect(starting).rejects.toHaveProperty("exitSentence", true);
    });

    const tokenOf = (role: string) => issuer.token(here.shop.name, { subject: ownId, roles: [role] });
  });
}

function routesOf(apis: () => readonly { readonly operations: readonly Operation[] }[]) {
  const operations = () => apis().flatMap((api) => api.operations);
  const named = ({ access }: Operation) => (access === "public" ? [] : Object.keys(access));
  const roles = () => [...new Set([guest, stranger, engineer, ...operations().flatMap(named)])];
  return { operations, roles };
}

function expectedOf(access: Access, role: string): string {
  if (access === "public" || access[guest] !== undefined || rolesOf(access).includes(role)) return "admitted";
  return role === guest ? "401 Bearer" : "403 Bearer";
}

interface Asked {
  readonly token: string | undefined;
  /** Whether a request that waits for something counts as admitted. */
  readonly waits: boolean;
}

/** Calls the route; "admitted" if the answer is neither a 401 nor a 403, and if it takes its time. */
async function outcomeOf(url: string, operation: Operation, { token, waits }: Asked): Promise<string> {
  const left = new AbortController();
  const answer = fetch(`${url}${operation.path.replaceAll(/\{\w+\}/g, ownId)}`, {
    method: operation.method.toUpperCase(),
    headers: { ...(token && { authorization: `Bearer ${token}` }), "content-type": "application/json" },
    ...(operation.body && { body: "{}" }),
    signal: left.signal,
  }).then(({ status, headers }) => {
    const challenge = headers.get("www-authenticate")?.split(" ")[0];
    return status === 401 || status === 403 ? `${status} ${challenge}` : "admitted";
  });
  const outcome = await Promise.race([answer, ...(waits ? [othersAnswered(url)] : [])]);
  answer.catch(() => undefined);
  left.abort();
  return outcome;
}

/** Requests that were sent later are answered. */
async function othersAnswered(url: string): Promise<string> {
  await delay(suspectedAfterMs);
  for (let round = 0; round < 3; round++) await fetch(`${url}/livez`);
  return "admitted";
}
