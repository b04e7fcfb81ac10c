import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

/** A way to get the library wrong, kept as a patch, so that it stays shown that the suite would notice. */
export interface Sabotage {
  readonly name: string;
  /** Path of the patch. */
  readonly patch: string;
  /** What it does wrong, in a sentence. */
  readonly wrong: string;
  readonly mustFail: Assertion;
}

export interface Assertion {
  /** `histories`, or the path of a test file in the repository. */
  readonly suite: string;
  /** Part of a finding of the histories, or of a test's full name. */
  readonly text: string;
}

const folder = import.meta.dirname;

const contract = "libs/messaging/test/contract/fake.contract.test.ts";

/** The patches in the folders beside this file, by name. */
export async function sabotages(): Promise<Sabotage[]> {
  const patches = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(".patch"));
  const byName = patches.toSorted((a, b) => basename(a).localeCompare(basename(b)));
  return Promise.all(byName.map((path) => readSabotage(join(folder, path))));
}

async function readSabotage(patch: string): Promise<Sabotage> {
  const [firstLine = ""] = (await readFile(patch, "utf8")).split("\n", 1);
  const name = basename(patch, ".patch");
  const { wrong, suite, text } =
    /^(?<wrong>.+\.) Must fail: (?<suite>[^ ]+): (?<text>.+)$/.exec(firstLine)?.groups ?? {};
  if (wrong === undefined || suite === undefined || text === undefined) {
    throw new Error(
      `${name}.patch begins with "${firstLine}", and has to begin with what is done wrong and what notices: "<A sentence.> Must fail: <contract, histories or a test file>: <test or finding>".`,
    );
  }
  return { name, patch, wrong, mustFail: { suite: suite === "contract" ? contract : suite, text } };
}
