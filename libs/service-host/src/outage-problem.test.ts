import { CommitOutcomeUnknownError, ConcurrencyConflictError } from "@doubleshot/messaging";
import { createApp, createLogger, serve } from "@doubleshot/service-kit";
import { expect, onTestFinished, test } from "vitest";
import { outageAsProblem } from "./outage-problem.ts";

/** Answers a request whose handler throws the error. */
async function answerTo(error: unknown) {
  const app = createApp({
    name: "test",
    log: createLogger("test", "silent"),
    ready: () => true,
    routes: (routes) => {
      routes.get("/", () => Promise.reject(error));
      routes.use(outageAsProblem);
    },
  });
  const serving = await serve(app, { host: "127.0.0.1", port: 0 });
  onTestFinished(serving.close);
  const response = await fetch(serving.url);
  const { detail } = Object(await response.json());
  return { status: response.status, retryAfter: response.headers.get("retry-after"), detail };
}

const timeout = Object.assign(new Error("no answer"), { name: "TimeoutError", $metadata: {} });
const unavailable = "DynamoDB is unavailable. Send the request again in a few seconds.";

test.each([
  ["an outage", timeout, unavailable],
  ["a commit of unknown outcome", new CommitOutcomeUnknownError(timeout), unavailable],
  [
    "an aggregate with too many writers",
    new ConcurrencyConflictError("order#1", 1),
    "Too many requests change this at once. Send the request again in a few seconds.",
  ],
])("%s is a 503 that says what to do", async (_, error, detail) => {
  expect(await answerTo(error)).toEqual({ status: 503, retryAfter: "1", detail });
});

test("a bug is a 500 that says nothing of it", async () => {
  const answer = await answerTo(new Error("swordfish"));
  expect(answer).toMatchObject({ status: 500, retryAfter: null });
  expect(answer.detail).not.toContain("swordfish");
});
