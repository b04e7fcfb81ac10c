import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { poll } from "./poll.ts";
import type { Answer } from "./shop-api.ts";

const success: Answer<string> = { ok: true, body: "read" };
const busy: Answer<string> = { ok: false, kind: "passing", status: 503, detail: "busy", retryMs: 4_000 };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("document", { hidden: false });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Polls from now on, and records when each answer came, in milliseconds, and whether it was a success. */
function startPolling(...first: Answer<string>[]) {
  const startedAt = Date.now();
  const answers: [number, boolean][] = [];
  const leaving = new AbortController();
  const polling = poll(
    async () => first.shift() ?? success,
    ({ ok }) => answers.push([Date.now() - startedAt, ok]),
    leaving.signal,
  );
  const leave = async () => {
    leaving.abort(new Error("left"));
    await expect(polling).rejects.toThrow("left");
  };
  return { answers, leave };
}

test("a success is followed by the next request a second later, a failure after its own time alone", async () => {
  const { answers, leave } = startPolling(success, busy, success);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(answers).toEqual([
    [0, true],
    [1_000, false],
    [5_000, true],
    [6_000, true],
  ]);
  await leave();
});

test("a hidden tab sends no requests until it is in front again", async () => {
  vi.stubGlobal("document", { hidden: true });
  const { answers, leave } = startPolling();
  await vi.advanceTimersByTimeAsync(5_500);
  expect(answers).toEqual([]);
  vi.stubGlobal("document", { hidden: false });
  await vi.advanceTimersByTimeAsync(500);
  expect(answers).toEqual([[6_000, true]]);
  await leave();
});

test("a page that is left while a request is under way does not get its answer", async () => {
  const answer = Promise.withResolvers<Answer<string>>();
  const leaving = new AbortController();
  const onAnswer = vi.fn();
  const polling = poll(() => answer.promise, onAnswer, leaving.signal);
  leaving.abort(new Error("left"));
  answer.resolve(success);
  await expect(polling).rejects.toThrow("left");
  expect(onAnswer).not.toHaveBeenCalled();
});

test("a page that is left gets no further answers", async () => {
  const { answers, leave } = startPolling();
  await vi.advanceTimersByTimeAsync(0);
  await leave();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(answers).toEqual([[0, true]]);
});
