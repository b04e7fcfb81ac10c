import { fileURLToPath } from "node:url";
import { build } from "esbuild";

// The command as one file, for images and machines without the repository.
await build({
  entryPoints: [fileURLToPath(new URL("src/main.ts", import.meta.url))],
  outfile: fileURLToPath(new URL("dist/doubleshot.mjs", import.meta.url)),
  bundle: true,
  minify: true,
  platform: "node",
  target: "node22.18",
  format: "esm",
  // The SDK's CommonJS builds cannot be tree-shaken; "module" first picks its ES modules.
  mainFields: ["module", "main"],
  // Packages that stay CommonJS in the bundle call require for Node's own modules.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: "warning",
});
