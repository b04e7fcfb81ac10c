import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build, type Metafile } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
import { handlerBundle, tracingBundle } from "../bundle-options.ts";

const modulesIn = ({ outputs }: Metafile) =>
  Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );

test("the bundle has only the modules that a relay needs", async () => {
  const { metafile } = await build({ ...handlerBundle, write: false, outdir: "unused" });
  const bundled = modulesIn(metafile);
  const clients = new Set(bundled.flatMap((path) => /@aws-sdk\/(client-[\w-]+)/.exec(path)?.[1] ?? []));
  expect([...clients].toSorted()).toEqual(["client-dynamodb", "client-sns"]);
  const telemetry = new Set(bundled.flatMap((path) => /@opentelemetry\/([\w-]+)/.exec(path)?.[1] ?? []));
  expect([...telemetry]).toEqual(["api"]);
  expect(bundled.filter((path) => /node_modules\/(zod|prom-client|express|inversify|pino)\//.test(path))).toEqual([]);
});

test("tracing has a bundle of its own, which the relay imports by its name", async () => {
  const { metafile } = await build({ ...tracingBundle, write: false, outdir: "unused" });
  expect(modulesIn(metafile).some((path) => path.includes("@opentelemetry/sdk-trace"))).toBe(true);
  const handler = await build({ ...handlerBundle, write: false, outdir: "unused" });
  const imports = Object.values(handler.metafile.outputs).flatMap(({ imports }) => imports);
  expect(imports).toContainEqual({ path: "./tracing.mjs", kind: "dynamic-import", external: true });
});

/** Invokes the deployed modules with a row that cannot be published, because no AWS is there. */
const invocation = `
const { handler } = await import("./handler.mjs");
const event = { M: { id: { S: "1" }, type: { S: "Noted" }, json: { S: "{}" } } };
const row = { aggregate: { S: "note#1" }, version: { N: "1" }, events: { L: [event] } };
const dynamodb = { Keys: { aggregate: row.aggregate, version: row.version }, NewImage: row, SequenceNumber: "1" };
await handler({ Records: [{ eventName: "INSERT", dynamodb }] }, { getRemainingTimeInMillis: () => 30_000 });`;

test("the two bundles together export the span of an invocation, whose ids are in the log lines", async () => {
  const folder = await mkdtemp(join(tmpdir(), "doubleshot-relay-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await build({ ...handlerBundle, outdir: folder });
  await build({ ...tracingBundle, outdir: folder });
  const env = {
    PATH: process.env.PATH,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    AWS_LAMBDA_FUNCTION_NAME: "relay-of-notes",
    TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:notes.fifo",
    SOURCE: "/notes",
    PARKED_TABLE: "notes-parked",
    OTEL_TRACES_EXPORTER: "console",
  };
  const args = ["--input-type=module", "--eval", invocation];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env });
  expect(stdout).toContain("name: 'relay-of-notes'");
  const [, traceId] = /traceId: '(\w+)'/.exec(stdout) ?? [];
  const [, spanId] = /\bid: '(\w+)'/.exec(stdout) ?? [];
  const line = stdout.split("\n").find((each) => each.startsWith('{"level"'));
  expect(JSON.parse(line ?? "{}")).toMatchObject({
    msg: "not published",
    trace_id: traceId,
    span_id: spanId,
    trace_flags: "01",
  });
});
