import { join } from "node:path";
import fc from "fast-check";

/** `node live-through.ts <root of a copy> <count> <seed>`: each finding is a line of JSON on standard output. */
const [root = "", count, seed] = process.argv.slice(2);
const folder = join(root, "libs/messaging/src/histories");
const { live } = (await import(join(folder, "history.ts"))) as typeof import("../src/histories/history.ts");
const { aProgram } = (await import(join(folder, "program.ts"))) as typeof import("../src/histories/program.ts");

for (const program of fc.sample(aProgram, { numRuns: Number(count), seed: Number(seed) })) {
  const { findings } = await live(program);
  for (const finding of findings) process.stdout.write(`${JSON.stringify(finding)}\n`);
}
