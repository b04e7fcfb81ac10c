import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { handlerBundle, tracingBundle } from "./bundle-options.ts";

const outdir = fileURLToPath(new URL("dist", import.meta.url));
const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;

async function sizeOf(file: string): Promise<string> {
  const bundle = await readFile(`${outdir}/${file}`);
  return `lambdas/outbox/dist/${file}: ${kilobytes(bundle.length)} (${kilobytes(gzipSync(bundle).length)} compressed)`;
}

const { metafile } = await build({ ...handlerBundle, outdir, sourcemap: "external" });
await build({ ...tracingBundle, outdir });

const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
const ownBytes = inputs
  .filter(([path]) => !path.includes("node_modules"))
  .reduce((sum, [, input]) => sum + input.bytesInOutput, 0);
/** Bytes of this repository's own code in the relay. A relay needs less, so a larger bundle imports something by mistake. */
const maxOwnBytes = 60 * 1024;
process.stdout.write(`${await sizeOf("handler.mjs")}, ${kilobytes(ownBytes)} of it this repository's\n`);
process.stdout.write(`${await sizeOf("tracing.mjs")}, loaded only with OTEL_* variables\n`);
if (ownBytes > maxOwnBytes) {
  process.stderr.write(
    `The bundle has more than ${kilobytes(maxOwnBytes)} of this repository's code: look for an import that the relay does not need.\n`,
  );
  process.exitCode = 1;
}
