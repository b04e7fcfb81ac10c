import { afterEach, expect, test, vi } from "vitest";
import { call, failureOf, newKey } from "./shop-api.ts";
import { texts } from "./texts.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A shop that takes the connection and never answers. */
function silentShop(): { readonly timeOut: () => void; readonly limits: readonly number[] } {
  const limit = new AbortController();
  const limits: number[] = [];
  vi.stubGlobal("navigator", { onLine: true });
  vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    limits.push(ms);
    return limit.signal;
  });
  vi.stubGlobal(
    "fetch",
    (_: string, { signal }: { signal: AbortSignal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  );
  return { timeOut: () => limit.abort(new DOMException("too late", "TimeoutError")), limits };
}

test("a request without an answer in time has failed for now, and may be repeated", async () => {
  const { timeOut, limits } = silentShop();
  const answer = call("GET", "/menu");
  timeOut();
  expect(await answer).toMatchObject({ ok: false, kind: "passing", status: 0, detail: texts.problems.unreachable });
  expect(limits).toEqual([15_000]);
});

test("an operation that takes long has a limit of its own", async () => {
  const { timeOut, limits } = silentShop();
  const answer = call("POST", "/engine/dead/redrive", { signal: new AbortController().signal, timeoutMs: 120_000 });
  timeOut();
  expect(await answer).toMatchObject({ kind: "passing" });
  expect(limits).toEqual([120_000]);
});

test("a caller that leaves gets its own reason, not a failure", async () => {
  silentShop();
  const leaving = new AbortController();
  const answer = call("GET", "/menu", { signal: leaving.signal });
  leaving.abort(new Error("left"));
  await expect(answer).rejects.toThrow("left");
});

test.each([
  { random: 0, retryMs: 4_000 },
  { random: 1, retryMs: 6_000 },
])(
  "pages that the shop refuses for now come back after its time, spread over half of it",
  async ({ random, retryMs }) => {
    vi.spyOn(Math, "random").mockReturnValue(random);
    const response = new Response("{}", { status: 503, headers: { "retry-after": "4" } });
    expect(await failureOf(response)).toMatchObject({ kind: "passing", retryMs });
  },
);

test("keys are random UUIDs, which the shop accepts from any address", () => {
  const keys = Array.from({ length: 100 }, newKey);
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
});
