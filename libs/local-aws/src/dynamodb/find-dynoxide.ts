import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { findProgram, isExecutable } from "../find-program.ts";
import { StartRefusedError } from "../start-refused.ts";

/**
 * Returns the path of the DynamoDB emulator: the file that DYNOXIDE names, else the optional dependency for this platform, else `dynoxide`
 * on PATH; undefined when there is none. Throws StartRefusedError when DYNOXIDE names a file that cannot be run.
 */
export function lookForDynoxide(env: NodeJS.ProcessEnv = process.env, packaged = packagedDynoxide): string | undefined {
  if (env.DYNOXIDE) return named(env.DYNOXIDE);
  const inPackage = packaged();
  return inPackage !== undefined && isExecutable(inPackage) ? inPackage : findProgram("dynoxide", env.PATH ?? "");
}

/** As above, and throws StartRefusedError with the remedy when there is none. */
export function findDynoxide(env: NodeJS.ProcessEnv = process.env, packaged = packagedDynoxide): string {
  const found = lookForDynoxide(env, packaged);
  if (found !== undefined) return found;
  const remedy =
    process.platform === "linux" && process.arch === "x64"
      ? "run npm ci without --omit=optional"
      : `run ${installDynoxide}`;
  throw new StartRefusedError(
    `There is no dynoxide (the DynamoDB emulator) for ${process.platform}-${process.arch}: ${remedy}, or name the endpoint of another DynamoDB in AWS_ENDPOINT_URL_DYNAMODB.`,
  );
}

/** Builds dynoxide 1.2.1: its crate has versions of its own. It lands in ~/.cargo/bin, which rustup puts on PATH. */
const installDynoxide = "cargo install dynoxide-rs --version 2.0.1 --locked";

function named(file: string): string {
  if (isExecutable(file)) return file;
  throw new StartRefusedError(`DYNOXIDE is ${file}, which cannot be run: name a dynoxide binary, or leave it unset.`);
}

function packagedDynoxide(): string | undefined {
  try {
    const manifest = `@dynoxide/${process.platform}-${process.arch}/package.json`;
    return join(dirname(createRequire(import.meta.url).resolve(manifest)), "dynoxide");
  } catch {
    return undefined;
  }
}
