import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const program = fileURLToPath(new URL("./left-behind.fixture.ts", import.meta.url));

test.each(["a poll that waited", "a poll that gave a message back", "a poll with a handler that timed out"])(
  "%s leaves no timer behind that keeps its process alive",
  async (what) => {
    const { stdout } = await run(process.execPath, [program, what]);
    expect(JSON.parse(stdout)).toEqual([]);
  },
  30_000,
);
