import { superlinearText } from "@doubleshot/service-kit/testing";
import { expect, test } from "vitest";
import { commands } from "./commands.ts";

/** Long enough for a quadratic reader to take a tenth of a second; Linux takes arguments of up to 128 KiB. */
const size = 8_000;

/** Every place for an argument that the commands' own help names: verbs, their options, and words by themselves. */
function places(): string[][] {
  return Object.entries(commands).flatMap(([name, { help }]) => {
    const verbs = [...help.matchAll(new RegExp(`^doubleshot ${name} ([a-z]+)`, "gm"))].map(([, verb = ""]) => [verb]);
    const options = new Set([...help.matchAll(/--[a-z-]+/g)].map(([option]) => option));
    const heads = [[], ...verbs];
    return heads.flatMap((head) => [[name, ...head], ...[...options].map((option) => [name, ...head, option])]);
  });
}

test("no argument takes time out of proportion to its length", { timeout: 240_000 }, async () => {
  const slow: string[] = [];
  for (const [name = "", ...before] of places()) {
    const read = (text: string) => {
      try {
        commands[name]?.prepare([...before, text]);
      } catch {
        // Refused: only the time counts.
      }
    };
    const text = await superlinearText({ size, read });
    if (text !== undefined) slow.push(`${name} ${before.join(" ")}: ${text.slice(0, 10)}`);
  }
  expect(places().length).toBeGreaterThan(20);
  expect(slow).toEqual([]);
});
