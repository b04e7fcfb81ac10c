import { expect, test } from "vitest";
import about from "../package.json" with { type: "json" };
import { gone, runCommand } from "./run-command.fixture.ts";

/** A usage error is found before any call to AWS. */
const noAws = { AWS_ENDPOINT_URL: gone, AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x" };

test.each([[["--help"]], [["replay", "--help"]], [["dead", "-h"]]])("%j goes to standard output", async (args) => {
  const { code, stdout, stderr } = await runCommand(args, {});
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^doubleshot /);
});

test("--version is one line", async () => {
  expect(await runCommand(["--version"], {})).toEqual({ code: 0, stdout: `${about.version}\n`, stderr: "" });
});

test.each([[[]], [["brew"]], [["toString"]], [["audit", "--fast"]], [["parked", "drop"]]])(
  "%j is refused in one sentence, with exit code 2",
  async (args) => {
    const { code, stdout, stderr } = await runCommand(args, noAws);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^[^\n]+\.\n$/);
  },
);

test("a queue that is no subscriber's is refused with the names of those that are", async () => {
  const { code, stderr } = await runCommand(["replay", "--from", "1h", "--queue", "bar"], noAws);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^--queue is "bar": .*barista-subscriber\.fifo.*\n$/);
});
