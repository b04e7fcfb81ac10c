import { execFile } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const program = fileURLToPath(new URL("./traced-process.fixture.ts", import.meta.url));

interface Export {
  readonly path: string | undefined;
  readonly type: string | undefined;
  readonly body: Buffer;
}

/** A collector that keeps what is exported to it. `answer` may leave a request without a response. */
async function openCollector(
  answer = (_request: IncomingMessage, response: ServerResponse) => void response.end("{}"),
) {
  const exports: Export[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      exports.push({ path: request.url, type: request.headers["content-type"], body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, exports };
}

async function run(env: Record<string, string>): Promise<{ isOn: boolean; troubles: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, [program], {
    env: { PATH: process.env.PATH, ...env },
  });
  return JSON.parse(stdout);
}

test("spans are sent in protobuf, which is the default", async () => {
  const { url, exports } = await openCollector();
  expect(await run({ OTEL_EXPORTER_OTLP_ENDPOINT: url })).toMatchObject({ isOn: true, troubles: 0 });
  expect(exports).toMatchObject([{ path: "/v1/traces", type: "application/x-protobuf" }]);
  expect(exports[0]?.body.toString("latin1")).toContain("service.namespace");
});

test("in JSON, spans carry the resource, in which the variables win", async () => {
  const { url, exports } = await openCollector();
  await run({
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_RESOURCE_ATTRIBUTES: "service.name=renamed,deployment.environment.name=test",
  });
  const [traced] = JSON.parse(exports[0]?.body.toString() ?? "").resourceSpans;
  const attributes = Object.fromEntries(
    traced.resource.attributes.map(({ key, value }: { key: string; value: object }) => [key, Object.values(value)[0]]),
  );
  expect(attributes).toMatchObject({
    "service.name": "renamed",
    "service.namespace": "tests",
    "deployment.environment.name": "test",
    "service.instance.id": expect.any(String),
  });
  expect(traced.scopeSpans[0].spans).toMatchObject([{ name: "work" }]);
});

test("the sampler decides which spans are sent", async () => {
  const { url, exports } = await openCollector();
  await run({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_TRACES_SAMPLER: "always_off" });
  expect(exports).toEqual([]);
});

test("a collector that refuses is trouble, and one that does not answer does not hold up the end", async () => {
  const refusing = await openCollector((_request, response) => void response.writeHead(400).end());
  expect(await run({ OTEL_EXPORTER_OTLP_ENDPOINT: refusing.url })).toMatchObject({ isOn: true, troubles: 1 });
  const silent = await openCollector(() => undefined);
  const { isOn } = await run({ OTEL_EXPORTER_OTLP_ENDPOINT: silent.url, STOP_WITHIN_MS: "50" });
  expect(isOn).toBe(true);
});

test("without the variables, a process loads no SDK", async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program], {
    env: { PATH: process.env.PATH, NODE_DEBUG: "esm" },
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(JSON.parse(stdout)).toMatchObject({ isOn: false });
  expect(stderr).toContain("@opentelemetry/api");
  expect(stderr).not.toMatch(/@opentelemetry\/(sdk|exporter|core|resources|context)/);
});
