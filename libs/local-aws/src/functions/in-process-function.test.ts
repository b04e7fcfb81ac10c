import { expect, test } from "vitest";
import { inProcessFunction } from "./in-process-function.ts";

const identity = { name: "relay", arn: "arn:relay", memoryMegabytes: 128 };
const event = { Records: [{ eventID: "1" }] };

test("answers with what the handler returns", async () => {
  const runtime = inProcessFunction(async (_, context) => context.awsRequestId, identity, 1_000);
  expect(await runtime.invoke(event, "request-1")).toEqual({ ok: true, response: "request-1" });
});

test("a handler that throws, even before it is asynchronous, fails the invocation", async () => {
  const runtime = inProcessFunction(
    () => {
      throw new Error("boom");
    },
    identity,
    1_000,
  );
  expect(await runtime.invoke(event, "r")).toEqual({ ok: false, error: "boom" });
});

test("a handler that does not end fails the invocation at its timeout", async () => {
  const runtime = inProcessFunction(() => new Promise(() => undefined), identity, 20);
  expect(await runtime.invoke(event, "r")).toEqual({ ok: false, error: "Task timed out after 0.02 seconds" });
});

test("a handler's change of its event does not show in the next try", async () => {
  const seen: number[] = [];
  const runtime = inProcessFunction(
    async ({ Records }) => {
      seen.push(Records.length);
      Records.pop();
    },
    identity,
    1_000,
  );
  await runtime.invoke(event, "r");
  await runtime.invoke(event, "r");
  expect(seen).toEqual([1, 1]);
});

test("closing lets go of an invocation that does not end", async () => {
  const runtime = inProcessFunction(() => new Promise(() => undefined), identity, 60_000);
  const invocation = runtime.invoke(event, "r");
  await runtime.close();
  expect(await invocation).toEqual({ ok: false, error: "the function was closed" });
});
