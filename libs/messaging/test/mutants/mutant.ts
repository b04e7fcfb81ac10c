import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

/** A defect of the code as a patch, which shows that a test detects the defect. */
export interface Mutant {
  readonly name: string;
  /** Path of the patch. */
  readonly patch: string;
  /** The defect, in a sentence. */
  readonly defect: string;
  readonly mustFail: Assertion;
}

export interface Assertion {
  /** `simulation`, or the path of a test file in the repository. */
  readonly suite: string;
  /** Part of a finding of the simulation, or of a test's full name. */
  readonly text: string;
}

const folder = import.meta.dirname;

const contract = "libs/messaging/test/contract/fake.contract.test.ts";

/** The patches in the folders beside this file, by name. */
export async function mutants(): Promise<Mutant[]> {
  const patches = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(".patch"));
  const byName = patches.toSorted((a, b) => basename(a).localeCompare(basename(b)));
  return Promise.all(byName.map((path) => readMutant(join(folder, path))));
}

async function readMutant(patch: string): Promise<Mutant> {
  const [firstLine = ""] = (await readFile(patch, "utf8")).split("\n", 1);
  const name = basename(patch, ".patch");
  const { defect, suite, text } =
    /^(?<defect>.+\.) Must fail: (?<suite>[^ ]+): (?<text>.+)$/.exec(firstLine)?.groups ?? {};
  if (defect === undefined || suite === undefined || text === undefined) {
    throw new Error(
      `${name}.patch begins with "${firstLine}". It must begin with the defect and the test that detects it: "<A sentence.> Must fail: <contract, simulation or a test file>: <test or finding>".`,
    );
  }
  return { name, patch, defect, mustFail: { suite: suite === "contract" ? contract : suite, text } };
}
