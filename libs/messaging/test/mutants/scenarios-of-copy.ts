import { join } from "node:path";
import fc from "fast-check";

/** `node scenarios-of-copy.ts <root of a copy> <count> <seed>`: each finding is a line of JSON on standard output. */
const [root = "", count, seed] = process.argv.slice(2);
const folder = join(root, "libs/messaging/test/simulation");
const { runScenario } = (await import(
  join(folder, "run-scenario.ts")
)) as typeof import("../simulation/run-scenario.ts");
const { anyScenario } = (await import(join(folder, "scenario.ts"))) as typeof import("../simulation/scenario.ts");

for (const scenario of fc.sample(anyScenario, { numRuns: Number(count), seed: Number(seed) })) {
  const { findings } = await runScenario(scenario);
  for (const finding of findings) process.stdout.write(`${JSON.stringify(finding)}\n`);
}
