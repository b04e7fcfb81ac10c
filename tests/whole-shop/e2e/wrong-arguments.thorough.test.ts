import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// Programs that people start, with arguments that they do not know. libs/cli tests those of `doubleshot`.

const root = fileURLToPath(new URL("../../..", import.meta.url));

const wrongArguments: readonly (readonly [string, readonly string[]])[] = [
  ["libs/dev-shop/src/main.ts", ["--frsh"]],
  ["bench/src/rush.ts", ["--costumers", "2"]],
  ["libs/messaging/test/simulation/main.ts", ["--count", "many"]],
  ["libs/messaging/test/mutants/main.ts", ["no-such-mutant"]],
  ["bench/src/figures.ts", ["--fast"]],
  ["bench/src/growth.ts", ["--orders", "10000,0"]],
  ["libs/local-aws/src/main.ts", ["--port", "9710"]],
  ["libs/dev-shop/src/main.ts", ["--orders", "none"]],
  ["bench/src/rush.ts", ["--speed", "fast"]],
  ["bench/src/rush.ts", ["--customers", "-1"]],
  ...["ratios", "refusals", "wake", "hop"].map((name) => [`bench/src/${name}.ts`, ["--fast"]] as const),
  ["bench/src/waiters.ts", ["--count", "0"]],
  ["tests/whole-shop/saga/main.ts", ["--count", "many"]],
  ["tests/whole-shop/saga/main.ts", ["--replay", "{}"]],
  ["bench/src/growth.ts", ["--fast"]],
  ["bench/src/growth.ts", ["--orders", "-1"]],
  ["bench/src/growth.ts", ["--measured", "1"]],
];

test.each(wrongArguments)("%s %j: one sentence on stderr, exit code 2", (program, args) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(root, program), ...args], {
    encoding: "utf8",
  });
  expect(stderr).toMatch(/^[^\n]+\.\n$/);
  expect(stdout).toBe("");
  expect(status).toBe(2);
});
