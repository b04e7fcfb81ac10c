import { afterEach, describe, expect, test, vi } from "vitest";
import { readConfig } from "./config.ts";

const env = {
  TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:doubleshot-orders-events.fifo",
  SOURCE: "/doubleshot/orders",
  PARKED_TABLE: "doubleshot-orders-parked",
  AWS_REGION: "us-east-1",
};

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
  vi.restoreAllMocks();
});

/** The lines that the function writes during two invocations, each with a record without events to publish. */
async function written(changes: Record<string, string>): Promise<string[]> {
  for (const [name, value] of Object.entries({ ...env, ...changes })) vi.stubEnv(name, value);
  const { handler } = await import("./handler.ts");
  const lines: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((line) => lines.push(String(line)) > 0);
  const event = { Records: [{ eventName: "REMOVE" as const }] };
  for (let n = 0; n < 2; n++) {
    expect(await handler(event, { getRemainingTimeInMillis: () => 30_000 })).toEqual({ batchItemFailures: [] });
  }
  return lines;
}

describe("the relay's function", () => {
  test("writes one line of metrics an invocation when asked to", async () => {
    const lines = await written({ METRICS: "emf" });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { Source: "/doubleshot/orders", RelayBatchRecords: 1 },
      { Source: "/doubleshot/orders", RelayBatchRecords: 1 },
    ]);
  });

  test.each([
    [{}, "Doubleshot"],
    [{ METRICS_NAMESPACE: "Doubleshot/test" }, "Doubleshot/test"],
  ])("with %j writes them in the namespace %s", async (changes, Namespace) => {
    const [line = ""] = await written({ METRICS: "emf", ...changes });
    expect(JSON.parse(line)._aws.CloudWatchMetrics).toMatchObject([{ Namespace }]);
  });

  test("writes nothing otherwise", async () => {
    expect(await written({})).toEqual([]);
  });
});

test.each([
  [{ METRICS: "statsd" }, 'METRICS is "statsd": set "emf"'],
  [{ FAILURES: "ignore" }, 'FAILURES is "ignore": set "report"'],
  [{ TOPIC_ARN: "" }, "TOPIC_ARN is not set"],
])("a deployment with %j fails with a sentence that names the remedy", (changes, message) => {
  expect(() => readConfig({ ...env, ...changes })).toThrow(message);
});
