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
  // The SDK's CommonJS builds cannot be tree-shaken; "module" first picks its ES modules.
  mainFields: ["module", "main"],
  // Packages that stay CommonJS in the bundle call require for Node's own modules.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  metafile: true,
});

const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
const ownBytes = inputs
  .filter(([path]) => !path.includes("node_modules"))
  .reduce((sum, [, input]) => sum + input.bytesInOutput, 0);
const bundle = await readFile(outfile);
/** Bytes of this repository's own code in the relay. A relay needs less, so a larger bundle imports something by mistake. */
const maxOwnBytes = 60 * 1024;
const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
process.stdout.write(
  `lambdas/outbox/dist/handler.mjs: ${kilobytes(bundle.length)} (${kilobytes(gzipSync(bundle).length)} compressed), ${kilobytes(ownBytes)} of it this repository's\n`,
);
if (ownBytes > maxOwnBytes) {
  process.stderr.write(
    `The bundle has more than ${kilobytes(maxOwnBytes)} of this repository's code: look for an import that the relay does not need.\n`,
  );
  process.exitCode = 1;
}
