import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Session, SessionKeeper } from "../../shared/session.ts";
import { texts } from "../../shared/texts.ts";
import { sendUntilDecided } from "./send-until-decided.ts";

const ada: Session = { token: "adas", customerId: "ada" };
const placed = { id: "1", status: "PLACED", items: [] };
const request = { items: [{ sku: "latte", quantity: 1 }] };

interface Sent {
  readonly key: string | undefined;
  readonly token: string | undefined;
}
const sent: Sent[] = [];
let session: SessionKeeper;

/** A shop that takes the order under the valid token, and without a token. */
function shopWith(validToken: string): void {
  vi.stubGlobal("fetch", async (_: string, { headers }: { headers: Record<string, string> }) => {
    const token = headers.authorization?.replace("Bearer ", "");
    sent.push({ key: headers["idempotency-key"], token });
    const isRefused = token !== undefined && token !== validToken;
    return isRefused ? new Response("{}", { status: 401 }) : Response.json(placed);
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("localStorage", undefined);
  sent.length = 0;
  session = new SessionKeeper("customer");
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const send = (customerId: string | undefined, onTrouble: (message: string) => void = () => undefined) => {
  const pending = {
    key: "k",
    request,
    sentAtMs: Date.now(),
    firstSentAtMs: Date.now(),
    ...(customerId !== undefined && { customerId }),
  };
  return sendUntilDecided(pending, { session, onTrouble, signal: new AbortController().signal });
};

test("an order whose session has expired waits for its customer, and is sent under the same key", async () => {
  shopWith("renewed");
  session.signIn(ada);
  const onTrouble = vi.fn();
  const decision = send("ada", onTrouble);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(onTrouble).toHaveBeenLastCalledWith(texts.order.expired);
  session.signIn({ token: "another's", customerId: "grace" });
  await vi.advanceTimersByTimeAsync(10_000);
  session.signIn({ ...ada, token: "renewed" });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await decision).toEqual({ outcome: "placed", order: placed });
  expect(sent).toEqual([
    { key: "k", token: "adas" },
    { key: "k", token: "renewed" },
  ]);
});

test("a guest's order is sent without the token of a customer who has signed in since", async () => {
  shopWith("adas");
  session.signIn(ada);
  expect(await send(undefined)).toEqual({ outcome: "placed", order: placed });
  expect(sent).toEqual([{ key: "k", token: undefined }]);
});

test("an order without an answer is sent for five minutes, and then never again by itself", async () => {
  let attempts = 0;
  vi.stubGlobal("navigator", { onLine: true });
  vi.stubGlobal("fetch", async () => {
    attempts += 1;
    throw new TypeError("unreachable");
  });
  const decision = send(undefined);
  await vi.advanceTimersByTimeAsync(4 * 60_000);
  const before = attempts;
  expect(before).toBeGreaterThan(1);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(attempts).toBeGreaterThan(before);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await decision).toEqual({ outcome: "too-old" });
});

test("a device that wakes two hours later sends nothing by itself", async () => {
  vi.stubGlobal("navigator", { onLine: true });
  const fetched = vi.fn().mockRejectedValueOnce(new TypeError("unreachable"));
  vi.stubGlobal("fetch", fetched);
  const decision = send(undefined);
  await vi.advanceTimersByTimeAsync(1_000);
  vi.setSystemTime(Date.now() + 2 * 3_600_000);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await decision).toEqual({ outcome: "too-old" });
  expect(fetched).toHaveBeenCalledTimes(1);
});
