import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { postJson } from "./post-json.ts";

async function echo(): Promise<number> {
  const server = createServer(async (request, response) => {
    response.writeHead(202, { "content-type": "application/json" }).end(await text(request));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test.each(["127.0.0.1", "localhost"])("%s is called directly, whatever proxy the environment names", async (host) => {
  const url = `http://${host}:${await echo()}/claims`;
  const gone = "http://127.0.0.1:1";
  const program = `
    const { postJson } = await import(${JSON.stringify(import.meta.resolve("./post-json.ts"))});
    const answer = await postJson(new URL(${JSON.stringify(url)}), { name: "☕" }, { signal: AbortSignal.timeout(10_000) });
    process.stdout.write(JSON.stringify(answer));
  `;
  // Node reads these when it starts.
  const env = {
    ...process.env,
    NODE_USE_ENV_PROXY: "1",
    HTTP_PROXY: gone,
    http_proxy: gone,
    NO_PROXY: "",
    no_proxy: "",
  };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { env });
  expect(JSON.parse(stdout)).toEqual({ status: 202, text: '{"name":"☕"}' });
});

test("a call ends when its signal fires", async () => {
  const url = new URL(`http://127.0.0.1:${await echo()}`);
  await expect(postJson(url, {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
});
