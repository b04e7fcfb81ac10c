import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { extendClaims, finishClaim, heldClaims } from "./claims.ts";

const claim = { token: "token", orderId: "order", items: [], leaseExpiresAt: "" };

beforeEach(() => {
  const storage = new Map([["doubleshot.claims", JSON.stringify([claim])]]);
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => storage.set(key, value),
  });
});

afterEach(() => vi.unstubAllGlobals());

/** The shop refuses each heartbeat as soon as the test lets it answer. */
function slowHeartbeats(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  const refused = async () => {
    await promise;
    return Response.json({ detail: "over" }, { status: 409 });
  };
  vi.stubGlobal("fetch", (path: string) => (path.endsWith("/heartbeat") ? refused() : Response.json({})));
  return resolve;
}

test("a claim that is finished while its heartbeat is under way is not reported as lost", async () => {
  const answer = slowHeartbeats();
  const extending = extendClaims();
  await finishClaim(claim, "");
  answer();
  expect(await extending).toEqual([{ orderId: "order", isOver: false }]);
});

test("a claim that another barista has is reported as lost, and leaves the tab", async () => {
  slowHeartbeats()();
  expect(await extendClaims()).toEqual([{ orderId: "order", isOver: true }]);
  expect(heldClaims()).toEqual([]);
});
