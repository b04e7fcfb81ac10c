import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { coffeeShop } from "@doubleshot/shop";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { makeImageFolder, serviceProgram } from "./image-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "doubleshot-image-"));
const service = coffeeShop.services.orders;
beforeAll(async () => {
  await makeImageFolder(folder, serviceProgram(service));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program of the folder with an empty environment. */
const run = (program: string) =>
  new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [join(folder, program)], { env: {}, cwd: "/" }, (error, _stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stderr }),
    );
  });

test("the service runs from its folder alone, and names a missing setting in one sentence", async () => {
  expect(await run("main.mjs")).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^AWS_REGION is not set: [^\n]+\n$/),
  });
});

test("the folder has the files that the service finds by the names of their packages", () => {
  expect(existsSync(join(folder, "node_modules/swagger-ui-dist/swagger-ui-bundle.js"))).toBe(true);
});

test.each([
  [200, { code: 0, stderr: "" }],
  [503, { code: 1, stderr: expect.stringMatching(/is not healthy: status 503\n$/) }],
])("the health check of a process that answers with %i", async (status, outcome) => {
  const server = createServer((_request, response) => response.writeHead(status).end()).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const health = `http://127.0.0.1:${(server.address() as AddressInfo).port}/readyz`;
  writeFileSync(join(folder, "image.json"), JSON.stringify({ health }));
  expect(await run("health.mjs")).toEqual(outcome);
});

test("the health check of a process that does not listen", async () => {
  writeFileSync(join(folder, "image.json"), JSON.stringify({ health: "http://127.0.0.1:1/readyz" }));
  expect(await run("health.mjs")).toEqual({ code: 1, stderr: expect.stringContaining("is not healthy: ") });
});
