import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { createSigningKey, issueToken, publicKeysAt } from "@doubleshot/identity/issuing";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

// schemathesis makes requests of each service's OpenAPI document, and compares the answers with it. SCHEMATHESIS names the
// program, as .ci/python-program prints it.

const program = process.env.SCHEMATHESIS ?? "";
const settings = fileURLToPath(new URL("../../../.ci/schemathesis.toml", import.meta.url));

let shop: OpenShop;
let folder: string;
/** The requests are an engineer's. Those that leave the token out must be refused where the document says so. */
let token: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "issuer-"));
  const now = Date.now();
  const key = await createSigningKey(now);
  writeFileSync(join(folder, "jwks.json"), JSON.stringify(publicKeysAt([key], now)));
  const claims = { issuer: "doubleshot", audience: "doubleshot", issuedAt: now, lifetimeSeconds: 3_600 };
  token = await issueToken(key, { ...claims, subject: "schemathesis", roles: ["engineer"] });
  const AUTH_JWKS_URL = pathToFileURL(join(folder, "jwks.json")).href;
  // All requests come from one address, and none is to be refused for that.
  const limits = { RATE_BURST: "1000000", RATE_PER_SECOND: "1000000" };
  shop = await openShop({ env: { LOG_LEVEL: "error", AUTH_JWKS_URL }, services: { orders: { env: limits } } });
});
afterAll(async () => {
  await shop?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs schemathesis in a folder of its own, where it keeps notes between runs. */
async function schemathesis(url: string): Promise<{ code: number | null; output: string }> {
  const cwd = mkdtempSync(join(tmpdir(), "schemathesis-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const asEngineer = ["--header", `Authorization: Bearer ${token}`];
  const args = ["--no-color", "--config-file", settings, "run", ...asEngineer, `${url}/openapi.json`];
  const child = spawn(program, args, { cwd });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const [code] = await once(child, "close");
  return { code, output };
}

test.each(["orders", "barista", "customers"] as const)(
  "the answers of %s are those of its document",
  async (service) => {
    const { code, output } = await schemathesis(shop.services[service][0]?.url ?? "");
    expect(code, output).toBe(0);
    const [, operations] = /Selected: (\d+)\/\1\n/.exec(output) ?? [];
    expect(output).toContain(`Tested: ${operations}\n`);
    const [, requests] = /(\d+) generated, \1 passed/.exec(output) ?? [];
    // As many cases as the time allows, which depends on the machine.
    expect(Number(requests)).toBeGreaterThan(Number(operations));
  },
);
