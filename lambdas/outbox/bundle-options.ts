import { fileURLToPath } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The relay has a bundle of its own for OpenTelemetry's SDK. It is loaded only where the `OTEL_*` variables ask for it. */
const sdkApart: Plugin = {
  name: "sdk-apart",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\/sdk\.ts$/ }, ({ importer }) =>
      importer.includes("/libs/tracing/") ? { path: "./tracing.mjs", external: true } : undefined,
    );
  },
};

const common = {
  bundle: true,
  minify: true,
  platform: "node",
  target: "node24",
  format: "esm",
  outExtension: { ".js": ".mjs" },
  // The SDK's CommonJS builds cannot be tree-shaken; "module" first picks its ES modules.
  mainFields: ["module", "main"],
  // Packages that stay CommonJS in the bundle call require for Node's own modules.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  metafile: true,
} as const satisfies BuildOptions;

/** The options of the relay's bundle, `handler.mjs`. */
export const handlerBundle = {
  ...common,
  entryPoints: { handler: file("src/handler.ts") },
  plugins: [sdkApart],
} satisfies BuildOptions;

/** The options of `tracing.mjs`, which belongs beside it. */
export const tracingBundle = {
  ...common,
  entryPoints: { tracing: file("../../libs/tracing/src/sdk.ts") },
} satisfies BuildOptions;
