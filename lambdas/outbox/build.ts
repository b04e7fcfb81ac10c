import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const outfile = fileURLToPath(new URL("dist/handler.mjs", import.meta.url));

const { metafile } = await build({
  entryPoints: [fileURLToPath(new URL("src/handler.ts", import.meta.url))],
  outfile,
  bundle: true,
  minify: true,
  sourcemap: "external",
  platform: "node",
  target: "node24",
  format: "esm",
  // The SDK's CommonJS builds cannot be tree-shaken; "module" first picks the others.
  mainFields: ["module", "main"],
  // What stays CommonJS in the bundle calls require for Node's own modules.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  metafile: true,
});

const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
const ours = inputs
  .filter(([path]) => !path.includes("node_modules"))
  .reduce((sum, [, input]) => sum + input.bytesInOutput, 0);
const bundle = await readFile(outfile);
/** What an adopter takes over with the relay; whatever makes it grow past that was not needed there. */
const mostOfOurs = 60 * 1024;
const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
process.stdout.write(
  `lambdas/outbox/dist/handler.mjs: ${kilobytes(bundle.length)} (${kilobytes(gzipSync(bundle).length)} compressed), ${kilobytes(ours)} of it ours\n`,
);
if (ours > mostOfOurs) {
  process.stderr.write(`That is more than ${kilobytes(mostOfOurs)} of ours: see what the relay has come to import.\n`);
  process.exitCode = 1;
}
