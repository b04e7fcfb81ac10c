import { join } from "node:path";
import fc from "fast-check";

/** `node live-through.ts <root of a copy> <count> <seed>`: each finding is a line of JSON on standard output. */
const [root = "", count, seed] = process.argv.slice(2);
const folder = join(root, "libs/messaging/test/simulation");
const { live } = (await import(join(folder, "history.ts"))) as typeof import("../simulation/history.ts");
const { aProgram } = (await import(join(folder, "program.ts"))) as typeof import("../simulation/program.ts");

for (const program of fc.sample(aProgram, { numRuns: Number(count), seed: Number(seed) })) {
  const { findings } = await live(program);
  for (const finding of findings) process.stdout.write(`${JSON.stringify(finding)}\n`);
}
