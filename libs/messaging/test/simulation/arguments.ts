import { parseArgs } from "node:util";
import type { Program } from "./program.ts";

export interface Arguments {
  readonly count: number;
  readonly seed: number;
  readonly replay: Program | undefined;
}

/** The command was called in a way that it does not understand; the message is one sentence that says how to. */
export class Misuse extends Error {
  override readonly name = "Misuse";
}

const most = 2 ** 31 - 1;

/** @throws Misuse */
export function readArguments(args: readonly string[]): Arguments {
  const { count, seed, replay } = parsed(args);
  return {
    count: whole("--count", count ?? "10000", 1),
    seed: seed === undefined ? Date.now() % most : whole("--seed", seed, 0),
    replay: replay === undefined ? undefined : program(replay),
  };
}

function parsed(args: readonly string[]) {
  try {
    const options = { count: { type: "string" }, seed: { type: "string" }, replay: { type: "string" } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const [complaint = ""] = error instanceof Error ? error.message.split(/\.(?:\s|$)|\n/) : [];
    throw new Misuse(`${complaint}: npm run histories -- [--count <number>] [--seed <number>] [--replay '<program>'].`);
  }
}

function whole(option: string, text: string, least: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new Misuse(`${option} takes a whole number from ${least} to ${most}, not "${text}".`);
}

function program(text: string): Program {
  const found = json(text) as Partial<Program> | undefined;
  const { seed, faults, producers } = found ?? {};
  if (Number.isInteger(seed) && Array.isArray(faults) && Array.isArray(producers)) return found as Program;
  throw new Misuse("--replay takes a program as a failed run has printed it, in single quotes.");
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
