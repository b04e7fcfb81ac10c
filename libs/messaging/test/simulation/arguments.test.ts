import { describe, expect, test } from "vitest";
import { MisuseError, readArguments } from "./arguments.ts";

const scenario = { seed: 1, faults: [], producers: [] };

describe("the arguments of npm run simulation", () => {
  test("are a count and a seed, or a scenario to replay", () => {
    expect(readArguments(["--count", "7", "--seed", "3"])).toEqual({ count: 7, seed: 3, replay: undefined });
    expect(readArguments([])).toMatchObject({ count: 10_000, replay: undefined });
    expect(readArguments(["--replay", JSON.stringify(scenario)])).toMatchObject({ replay: scenario });
  });

  test.each([
    [["--bogus"], /^Unknown option '--bogus'/],
    [["--count"], /--count/],
    [["--count", "many"], /^--count takes a whole number from 1 to \d+, not "many"\.$/],
    [["--count", "0"], /^--count takes/],
    [["--count", "1e3"], /^--count takes/],
    [["--seed", "-1"], /--seed/],
    [["--seed", "1.5"], /^--seed takes a whole number from 0/],
    [["--seed", ""], /^--seed takes/],
    [["more"], /more/],
    [["--replay", "{"], /^--replay takes a scenario/],
    [["--replay", "null"], /^--replay takes a scenario/],
    [["--replay", "{}"], /^--replay takes a scenario/],
  ])("%j is refused in one sentence", (args, sentence) => {
    const misuse = refusal(args);
    expect(misuse).toBeInstanceOf(MisuseError);
    expect(misuse.message).toMatch(sentence);
    expect(misuse.message).not.toContain("\n");
  });
});

function refusal(args: readonly string[]): Error {
  try {
    readArguments(args);
  } catch (error) {
    return error as Error;
  }
  throw new Error("It was not refused.");
}
