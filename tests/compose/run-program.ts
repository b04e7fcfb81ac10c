import { spawn } from "node:child_process";
import { once } from "node:events";

/** A program of the machine failed. The message is one sentence with the end of its output. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
  readonly exitSentence = true;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/**
 * Runs a program and returns its standard output.
 *
 * @throws ProgramError when it cannot be started or fails
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { env = process.env, cwd }: RunOptions = {},
): Promise<string> {
  const child = spawn(program, args, { env, ...(cwd !== undefined && { cwd }), stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let both = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
    both += chunk;
  });
  child.stderr.on("data", (chunk) => {
    both += chunk;
  });
  const [code] = await once(child, "close").catch((error: Error) => [error.message]);
  if (code === 0) return stdout;
  const end = both.trim().split("\n").slice(-8).join(" | ");
  throw new ProgramError(`${program} ${args.slice(0, 3).join(" ")} failed (${code}): ${end || "it printed nothing"}`);
}
