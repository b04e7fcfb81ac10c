import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";

test("the bundle has only the modules that a relay needs", async () => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL("./handler.ts", import.meta.url))],
    bundle: true,
    write: false,
    metafile: true,
    outdir: "unused",
    platform: "node",
    format: "esm",
    mainFields: ["module", "main"],
  });
  const bundled = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  const clients = new Set(bundled.flatMap((path) => /@aws-sdk\/(client-[\w-]+)/.exec(path)?.[1] ?? []));
  expect([...clients].toSorted()).toEqual(["client-dynamodb", "client-sns"]);
  expect(bundled.filter((path) => /node_modules\/(zod|prom-client|express|inversify|pino)\//.test(path))).toEqual([]);
});
