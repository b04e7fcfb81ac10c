import { type ParseArgsConfig, parseArgs } from "node:util";
import { OperatorError } from "@doubleshot/operations";

/** A wrong argument: exit code 2. */
export class UsageError extends OperatorError {
  override readonly name = "UsageError";
}

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Every verb has these. */
const commonOptions = {
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const satisfies Options;

/**
 * Reads a command's arguments. `given` has the names of the options that were typed.
 *
 * @throws UsageError that names the fault, and the options of the command
 */
export function parse<const T extends Options>(verb: string, args: readonly string[], options: T) {
  const known = { ...commonOptions, ...options };
  const parsed = orUsageError(verb, Object.keys(known), () =>
    parseArgs({ args: args.map(withPlainUuids), options: known, allowPositionals: true, tokens: true }),
  );
  for (const [name, value] of Object.entries(parsed.values)) {
    for (const text of [value].flat()) if (typeof text === "string") checkText(verb, `The value of --${name}`, text);
  }
  for (const text of parsed.positionals) checkText(verb, "An argument", text);
  const given = parsed.tokens.flatMap((token) => (token.kind === "option" ? [token.name] : []));
  return { values: parsed.values, positionals: parsed.positionals, given };
}

/**
 * Refuses options that belong to another subcommand: `parked list --all` would list what `retry --all` sends.
 *
 * @throws UsageError that names the option, and those that the subcommand takes
 */
export function takeOnly(subcommand: string, given: readonly string[], own: readonly string[]): void {
  const known = [...own, ...Object.keys(commonOptions)];
  const foreign = given.find((name) => !known.includes(name));
  if (foreign === undefined) return;
  throw new UsageError(`doubleshot ${subcommand} takes no --${foreign}: its options are ${listed(known)}.`);
}

const listed = (names: readonly string[]): string => names.map((name) => `--${name}`).join(", ");

function orUsageError<Result>(verb: string, known: readonly string[], read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(/[.]\s/)[0] : String(error);
    throw new UsageError(`${reason}: the options of doubleshot ${verb} are ${listed(known)}.`);
  }
}

const uuid = /(?<![\w-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])/gi;

/**
 * Each UUID in lower case, as the tables hold ids: `order#01A1...` names the same aggregate in any case.
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-4
 */
function withPlainUuids(text: string): string {
  return text.replaceAll(uuid, (id) => id.toLowerCase());
}

/** More than any id, aggregate or queue has: a message group of SQS has at most 128 characters, a queue's name 80. */
const maxTextBytes = 1_024;

/** An empty text may be an unset shell variable: `--queue "$QUEUE"` would publish to all subscribers. */
function checkText(verb: string, named: string, text: string): void {
  const bytes = Buffer.byteLength(text);
  const fault = text.trim() === "" ? "is empty" : bytes > maxTextBytes ? `has ${bytes} bytes` : undefined;
  if (fault !== undefined) throw new UsageError(`${named} ${fault}: doubleshot ${verb} --help lists the arguments.`);
}

/**
 * Takes `--data <folder>` out of the arguments, at any place. Every verb has the option.
 * @throws UsageError when it names no folder.
 */
export function takeDataFolder(args: readonly string[]): { readonly data?: string; readonly rest: string[] } {
  const options = { data: { type: "string" } } as const;
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const rest = [...args];
  let data: string | undefined;
  for (const token of tokens.toReversed()) {
    if (token.kind !== "option" || token.name !== "data") continue;
    if (!token.value) throw new UsageError("--data names no folder: give the data folder of npm start -- --data.");
    data ??= token.value;
    rest.splice(token.index, token.inlineValue ? 1 : 2);
  }
  return { ...(data !== undefined && { data }), rest };
}

/** Refuses further arguments, which may be meant for another verb. */
export function noMore(verb: string, positionals: readonly string[]): void {
  if (positionals.length === 0) return;
  throw new UsageError(
    `${JSON.stringify(positionals[0])} is one argument too many: doubleshot ${verb} --help lists the arguments.`,
  );
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A century. Dates end 100 million days from 1970. */
const maxDurationMs = 36_500 * 86_400_000;

/** `90s`, `15m`, `2h`, `7d`, in milliseconds. */
export function duration(option: string, text: string): number {
  const [, amount, unit = ""] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const factor = units[unit];
  if (amount === undefined || factor === undefined) {
    throw new UsageError(`--${option} is ${JSON.stringify(text)}: give an amount of time, such as 60s, 15m, 2h or 7d.`);
  }
  const milliseconds = Number(amount) * factor;
  if (milliseconds <= maxDurationMs) return milliseconds;
  throw new UsageError(`--${option} is ${JSON.stringify(text)}: give at most 36500d.`);
}

/** An instant, or how long ago it was; in milliseconds since the epoch. */
export function instant(option: string, text: string, now: number): number {
  if (/^\d[\d.]*(ms|s|m|h|d)$/.test(text)) return now - duration(option, text);
  const at = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
  // February has no 31st, and Date.parse makes it a day in March.
  const isDay = !Number.isNaN(at) && new Date(text.slice(0, 10)).toISOString().startsWith(text.slice(0, 10));
  if (!isDay) {
    throw new UsageError(
      `--${option} is ${JSON.stringify(text)}: give an instant such as 2026-11-21T08:30:00Z, or how long ago it was, such as 2h.`,
    );
  }
  return at;
}

export function wholeNumber(option: string, text: string, min = 1, max = 1_000_000): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max)) {
    throw new UsageError(`--${option} is ${JSON.stringify(text)}: give a whole number from ${min} to ${max}.`);
  }
  return number;
}
