import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

// HEALTHCHECK of an image: ends with 0 when the process answers its health URL with a 200, and reports why when it does not.
// The images have neither curl nor wget.

const [, program = ""] = process.argv;
const { health }: { health: string } = JSON.parse(readFileSync(join(dirname(program), "image.json"), "utf8"));
try {
  const response = await fetch(health, { signal: AbortSignal.timeout(3_000) });
  if (!response.ok) throw new Error(`status ${response.status}`);
} catch (error) {
  const { cause = error } = error as Error;
  process.stderr.write(`${health} is not healthy: ${(cause as Error).message}\n`);
  process.exitCode = 1;
}
