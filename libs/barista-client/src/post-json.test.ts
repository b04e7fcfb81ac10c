import { execFile } from "node:child_process";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { serveHttp } from "@doubleshot/service-kit/testing";
import { expect, test } from "vitest";
import { postJson } from "./post-json.ts";

const echo = () =>
  serveHttp(async (request, response) => {
    response.writeHead(202, { "content-type": "application/json" }).end(await text(request));
  });

test.each(["127.0.0.1", "localhost"])("%s is called directly, whatever proxy the environment names", async (host) => {
  const url = `${(await echo()).replace("127.0.0.1", host)}/claims`;
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
  const url = new URL(await echo());
  await expect(postJson(url, {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
});
