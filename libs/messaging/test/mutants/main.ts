import { mutants } from "./mutant.ts";
import { fewAtATime, tryMutant, tryUnchanged } from "./try-mutant.ts";

/**
 * `npm run mutants [-- <name> ...]` tries all mutants, or the named ones. Exit code 1 when a mutant survives, 2 for an unknown
 * name.
 */
const names = process.argv.slice(2);
const all = await mutants();
const unknown = names.filter((name) => !all.some((mutant) => mutant.name === name));
const chosen = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
const print = (text: string) => process.stdout.write(`${text}\n`);

if (unknown.length > 0) {
  const known = all.map(({ name }) => name).join(", ");
  process.stderr.write(`There is no mutant ${unknown.join(", ")}. There are ${known}.\n`);
  process.exitCode = 2;
} else process.exitCode = (await run()) ? 0 : 1;

async function run(): Promise<boolean> {
  const green = await fewAtATime([
    async () => {
      const failures = await tryUnchanged(chosen);
      print(failures.length === 0 ? "green    without a mutation" : `RED      without a mutation\n${listed(failures)}`);
      return failures.length === 0;
    },
    ...chosen.map((mutant) => async () => {
      const { isCaught, failures } = await tryMutant(mutant);
      print(`${isCaught ? "caught  " : "MISSED  "} ${mutant.name}: ${mutant.defect}\n${listed(failures)}`);
      return isCaught;
    }),
  ]);
  return green.every(Boolean);
}

/** The first few lines, because a mutant may break much. */
function listed(failures: readonly string[]): string {
  const lines = failures.length === 0 ? ["nothing failed"] : failures.slice(0, 3);
  return lines.map((line) => `         ${line}`).join("\n");
}
