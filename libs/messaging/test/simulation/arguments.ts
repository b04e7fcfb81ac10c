import { parseArgs } from "node:util";
import type { Scenario } from "./scenario.ts";

export interface Arguments {
  readonly count: number;
  readonly seed: number;
  readonly replay: Scenario | undefined;
}

/** The arguments are wrong. The message is one sentence with the remedy. */
export class MisuseError extends Error {
  override readonly name = "MisuseError";
}

const maxNumber = 2 ** 31 - 1;

/** @throws MisuseError */
export function readArguments(args: readonly string[]): Arguments {
  const { count, seed, replay } = parsed(args);
  return {
    count: whole("--count", count ?? "10000", 1),
    seed: seed === undefined ? Date.now() % maxNumber : whole("--seed", seed, 0),
    replay: replay === undefined ? undefined : scenario(replay),
  };
}

function parsed(args: readonly string[]) {
  try {
    const options = { count: { type: "string" }, seed: { type: "string" }, replay: { type: "string" } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const [complaint = ""] = error instanceof Error ? error.message.split(/\.(?:\s|$)|\n/) : [];
    throw new MisuseError(
      `${complaint}: npm run simulation -- [--count <number>] [--seed <number>] [--replay '<scenario>'].`,
    );
  }
}

function whole(option: string, text: string, min: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= maxNumber) return number;
  throw new MisuseError(`${option} takes a whole number from ${min} to ${maxNumber}, not "${text}".`);
}

function scenario(text: string): Scenario {
  const found = json(text) as Partial<Scenario> | undefined;
  const { seed, faults, producers } = found ?? {};
  if (Number.isInteger(seed) && Array.isArray(faults) && Array.isArray(producers)) return found as Scenario;
  throw new MisuseError("--replay takes a scenario as a failed run prints it, in single quotes.");
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
