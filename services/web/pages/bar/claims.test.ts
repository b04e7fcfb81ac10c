import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { extendClaims, finishClaim, heldClaims } from "./claims.ts";

const order = { orderId: "order", items: [], leaseExpiresAt: "" };
const claim = { claimToken: "token", ...order };
const stored = { token: "token", ...order };

beforeEach(() => {
  const storage = new Map([["doubleshot.claims", JSON.stringify([stored])]]);
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

test("claims are stored under the names of before, so that a tab keeps them over a deployment", async () => {
  const ticket = { order_id: "order", items: [], lease_expires_at: "2026-01-31T08:30:00.000Z" };
  vi.stubGlobal("fetch", async () => Response.json(ticket));
  await extendClaims();
  const kept = { ...stored, leaseExpiresAt: ticket.lease_expires_at };
  expect(JSON.parse(sessionStorage.getItem("doubleshot.claims") ?? "")).toEqual([kept]);
  expect(heldClaims()).toEqual([{ ...claim, leaseExpiresAt: ticket.lease_expires_at }]);
});
