import { isIP } from "node:net";
import { z } from "zod";

/** The environment is wrong. The process ends with the message, which is one sentence. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly exitSentence = true;
}

/**
 * Reads the variables that the schema names. An empty variable counts as not set.
 *
 * @throws ConfigError that names the first bad variable, its value and the allowed values. These are the schema's
 * `.describe(...)`, which must come last, because a wrapper such as `.default()` drops it.
 */
export function readConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: NodeJS.ProcessEnv = process.env,
): z.infer<z.ZodObject<Shape>> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const result = schema.safeParse(set);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const name = String(issue?.path[0]);
  const allowed = z.globalRegistry.get(schema.shape[name] as z.ZodType)?.description ?? issue?.message;
  throw new ConfigError(`${name} is ${shown(name, set[name])}; it must be ${allowed}.`);
}

function shown(name: string, value: string | undefined): string {
  if (value === undefined) return "not set";
  return /SECRET|TOKEN|PASSWORD|KEY/.test(name) ? "not valid" : JSON.stringify(value);
}

export function onOff(byDefault: "on" | "off") {
  return z
    .enum(["on", "off"])
    .default(byDefault)
    .transform((value) => value === "on")
    .describe("on or off");
}

export function wholeNumber({ min, max, byDefault }: { min: number; max: number; byDefault: number }) {
  return z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .default(byDefault)
    .describe(`a whole number from ${min} to ${max}`);
}

/** For values that may be below 1. */
export function decimal({ min, max, byDefault }: { min: number; max: number; byDefault: number }) {
  return z
    .string()
    .regex(/^\d{1,15}(\.\d{1,6})?$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .default(byDefault)
    .describe(`a number from ${min} to ${max}`);
}

export function port(byDefault: number) {
  return wholeNumber({ min: 0, max: 65_535, byDefault }).describe("a port from 0 to 65535, where 0 picks a free one");
}

/**
 * The proxies whose `X-Forwarded-For` counts. Off by default: a client that may claim any address evades every limit by
 * address.
 */
const trustProxy = z
  .string()
  .default("off")
  .transform((value) =>
    value === "off" ? false : /^\d+$/.test(value) ? Number(value) : value.split(",").map((each) => each.trim()),
  )
  .refine((value) => !Array.isArray(value) || value.every(isTrustable))
  .describe("off, the number of proxies in front, or their addresses and subnets, separated by commas");

function isTrustable(value: string): boolean {
  if (["loopback", "linklocal", "uniquelocal"].includes(value)) return true;
  const [address = "", bits, ...rest] = value.split("/");
  const longest = isIP(address) === 6 ? 128 : 32;
  return (
    isIP(address) > 0 && rest.length === 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= longest))
  );
}

/** The variables of all services: `z.object({ ...serviceConfig, PORT: port(9702) })`. */
export const serviceConfig = {
  SHOP: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/)
    .default("doubleshot")
    .describe("at most 32 lower-case letters, digits and hyphens, the first no hyphen"),
  HOST: z.string().default("127.0.0.1").describe("an address or name of this machine"),
  PORT: port(0),
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"])
    .default("info")
    .describe("trace, debug, info, warn, error, fatal or silent"),
  TRUST_PROXY: trustProxy,
  /** From the signal to stop until the process must have ended. */
  DRAIN_SECONDS: wholeNumber({ min: 1, max: 900, byDefault: 10 }),
  /**
   * How long the process still listens, not ready, before it drains. A load balancer sends requests until two or three
   * health checks have failed, so set it to that time. The default suits balancers that check all the time.
   */
  DRAIN_DELAY_MS: wholeNumber({ min: 0, max: 600_000, byDefault: 250 }),
  /**
   * How long an idle connection stays open. Set more than the idle timeout of the load balancer: if the service closed the
   * connection first, the balancer's next request would meet a closed socket. The default suits balancers with 60 s.
   */
  KEEP_ALIVE_SECONDS: wholeNumber({ min: 1, max: 86_400, byDefault: 72 }),
};
