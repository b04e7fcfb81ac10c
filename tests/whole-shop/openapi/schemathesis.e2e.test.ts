import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

// schemathesis makes requests of each service's OpenAPI document, and compares the answers with it. SCHEMATHESIS names the
// program, as .ci/python-program prints it.

const program = process.env.SCHEMATHESIS ?? "";
const settings = fileURLToPath(new URL("../../../.ci/schemathesis.toml", import.meta.url));

let shop: OpenShop;
beforeAll(async () => {
  // All requests come from one address, and none is to be refused for that.
  const limits = { RATE_BURST: "1000000", RATE_PER_SECOND: "1000000" };
  shop = await openShop({ env: { LOG_LEVEL: "error" }, services: { orders: { env: limits } } });
});
afterAll(() => shop?.close());

/** Runs schemathesis in a folder of its own, where it keeps notes between runs. */
async function schemathesis(url: string): Promise<{ code: number | null; output: string }> {
  const cwd = mkdtempSync(join(tmpdir(), "schemathesis-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const child = spawn(program, ["--no-color", "--config-file", settings, "run", `${url}/openapi.json`], { cwd });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const [code] = await once(child, "close");
  return { code, output };
}

test.each(["orders", "barista"] as const)("the answers of %s are those of its document", async (service) => {
  const { code, output } = await schemathesis(shop.services[service][0]?.url ?? "");
  expect(code, output).toBe(0);
  const [, operations] = /Selected: (\d+)\/\1\n/.exec(output) ?? [];
  expect(output).toContain(`Tested: ${operations}\n`);
  const [, requests] = /(\d+) generated, \1 passed/.exec(output) ?? [];
  expect(Number(requests)).toBeGreaterThan(100);
});
