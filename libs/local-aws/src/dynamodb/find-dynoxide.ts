import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { StartRefused } from "../start-refused.ts";

/**
 * Where the DynamoDB emulator is: what DYNOXIDE names, else the optional dependency for this platform, else `dynoxide`
 * on PATH. Throws StartRefused with what to do when there is none.
 */
export function findDynoxide(env: NodeJS.ProcessEnv = process.env, packaged = packagedDynoxide): string {
  if (env.DYNOXIDE) return named(env.DYNOXIDE);
  const onPath = (env.PATH ?? "").split(delimiter).map((folder) => folder && join(folder, "dynoxide"));
  const found = [packaged(), ...onPath].find((file) => file && isExecutable(file));
  if (found) return found;
  throw new StartRefused(
    `There is no dynoxide (the DynamoDB emulator) for ${process.platform}-${process.arch}: run npm ci without --omit=optional, put a dynoxide 1.2 binary (https://github.com/nubo-db/dynoxide) on PATH, or start the services against an endpoint of your own with AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_SNS and AWS_ENDPOINT_URL_SQS.`,
  );
}

function named(file: string): string {
  if (isExecutable(file)) return file;
  throw new StartRefused(`DYNOXIDE is ${file}, which cannot be run: name a dynoxide binary, or leave it unset.`);
}

function packagedDynoxide(): string | undefined {
  try {
    const manifest = `@dynoxide/${process.platform}-${process.arch}/package.json`;
    return join(dirname(createRequire(import.meta.url).resolve(manifest)), "dynoxide");
  } catch {
    return undefined;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
