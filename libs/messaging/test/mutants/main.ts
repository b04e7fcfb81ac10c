import { sabotages } from "./sabotage.ts";
import { fewAtATime, tryNothing, trySabotage } from "./try-sabotage.ts";

/** `npm run sabotages [-- <name> ...]` tries all sabotages, or those named. Exit code 1 when one goes unnoticed, 2 for a name that is none. */
const names = process.argv.slice(2);
const all = await sabotages();
const unknown = names.filter((name) => !all.some((sabotage) => sabotage.name === name));
const chosen = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
const say = (text: string) => process.stdout.write(`${text}\n`);

if (unknown.length > 0) {
  const known = all.map(({ name }) => name).join(", ");
  process.stderr.write(`There is no sabotage ${unknown.join(", ")}. There are ${known}.\n`);
  process.exitCode = 2;
} else process.exitCode = (await run()) ? 0 : 1;

async function run(): Promise<boolean> {
  const green = await fewAtATime([
    async () => {
      const red = await tryNothing(chosen);
      say(red.length === 0 ? "green    without a sabotage" : `RED      without a sabotage\n${listed(red)}`);
      return red.length === 0;
    },
    ...chosen.map((sabotage) => async () => {
      const { caught, red } = await trySabotage(sabotage);
      say(`${caught ? "caught  " : "MISSED  "} ${sabotage.name}: ${sabotage.wrong}\n${listed(red)}`);
      return caught;
    }),
  ]);
  return green.every(Boolean);
}

/** The first few: one sabotage may break much. */
function listed(red: readonly string[]): string {
  const lines = red.length === 0 ? ["nothing failed"] : red.slice(0, 3);
  return lines.map((line) => `         ${line}`).join("\n");
}
