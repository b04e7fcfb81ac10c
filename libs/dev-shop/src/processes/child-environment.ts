import { fileURLToPath } from "node:url";

export type Env = Readonly<Record<string, string>>;

/** Compiled modules stay from one start to the next, so that processes load faster. A NODE_COMPILE_CACHE of the caller wins. */
const compileCache = fileURLToPath(new URL("../../../../node_modules/.cache/doubleshot", import.meta.url));

/**
 * Returns the environment that every process of the shop inherits. The caller's AWS settings are left out, so that a profile
 * or an endpoint of the real cloud never reaches the clients of the embedded one. HOST is left out because some shells
 * export the machine's name in it, and the shop is for this machine only.
 */
export function inheritedEnvironment(env: NodeJS.ProcessEnv = process.env): Env {
  const inherited: Record<string, string> = { NODE_COMPILE_CACHE: compileCache };
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || name.startsWith("AWS_") || name === "HOST" || name === "PORT") continue;
    inherited[name] = value;
  }
  return inherited;
}
