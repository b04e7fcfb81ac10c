import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { onTestFinished, vi } from "vitest";
import { run } from "./run.ts";

export type Env = Readonly<Record<string, string>>;

/** An address where nothing listens. */
export const gone = "http://127.0.0.1:1";

/** The variables that lead the command to a shop. */
const settings = /^AWS_|^(SHOP|DATA|TOPOLOGY)$|_(PORT|URL)$/;

/** Runs the command in this process, with no other settings than these. */
export async function runCommand(args: readonly string[], env: Env, signal = new AbortController().signal) {
  for (const name of Object.keys(process.env)) if (settings.test(name)) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const printed = Promise.all([text(streams.stdout), text(streams.stderr)]);
  const code = await run(args, streams, signal);
  streams.stdout.end();
  streams.stderr.end();
  const [stdout, stderr] = await printed;
  return { code, stdout, stderr };
}
