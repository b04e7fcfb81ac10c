import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { root, useStarts } from "./start.fixture.ts";

// npm start -- --auth, and what it prints for a person to do.

const { place, start } = useStarts();

/** Runs a line of the tour, and the commands before it, in a shell at the root of the checkout. */
async function inShell(...lines: string[]): Promise<string> {
  const command = join(root, "libs/cli/bin/doubleshot.js");
  const script = lines.join("\n").replace("npm run -s token --", `${process.execPath} ${command} token`);
  const { stdout } = await promisify(execFile)("sh", ["-c", script], { cwd: root });
  return stdout;
}

const status = `-s -o /dev/null -w '%{http_code}'`;

test("--auth refuses callers without a token, and takes the tokens that its tour makes, also after the next start", async () => {
  const shop = start({ args: ["--auth"] });
  await shop.open();
  const [makeToken = "", claim = ""] = shop.output().match(/^ +(BARISTA=.*|curl -H .*start\/)$/gm) ?? [];
  expect(makeToken.trim()).toBe(`BARISTA=$(npm run -s token -- --role barista --data ${place.data})`);
  expect(claim.trim()).toBe(`curl -H "Authorization: Bearer $BARISTA" http://localhost:${place.ports.barista}/start/`);
  const withStatus = claim.replace("curl", `curl ${status}`);
  expect(await inShell(withStatus.replace(/-H "[^"]*"/, ""))).toBe("401");
  expect(await inShell(makeToken, withStatus)).toBe("204");
  const token = (await inShell(makeToken, 'echo "$BARISTA"')).trim();
  expect(shop.output()).not.toContain(token);

  shop.child.kill("SIGINT");
  await shop.ended;
  const next = start({ args: ["--auth"] });
  await next.open();
  const headers = { authorization: `Bearer ${token}` };
  // Until the bar has loaded the keys, it answers 503.
  const claimAgain = async () => (await fetch(`http://127.0.0.1:${place.ports.barista}/start/`, { headers })).status;
  await expect.poll(claimAgain).toBe(204);
});
