import { build, type Metafile } from "esbuild";
import { expect, test } from "vitest";
import { handlerBundle, tracingBundle } from "../bundle-options.ts";

const modulesIn = ({ outputs }: Metafile) =>
  Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );

test("the bundle has only the modules that a relay needs", async () => {
  const { metafile } = await build({ ...handlerBundle, write: false, outdir: "unused" });
  const bundled = modulesIn(metafile);
  const clients = new Set(bundled.flatMap((path) => /@aws-sdk\/(client-[\w-]+)/.exec(path)?.[1] ?? []));
  expect([...clients].toSorted()).toEqual(["client-dynamodb", "client-sns"]);
  const telemetry = new Set(bundled.flatMap((path) => /@opentelemetry\/([\w-]+)/.exec(path)?.[1] ?? []));
  expect([...telemetry]).toEqual(["api"]);
  expect(bundled.filter((path) => /node_modules\/(zod|prom-client|express|inversify|pino)\//.test(path))).toEqual([]);
});

test("tracing has a bundle of its own, which the relay imports by its name", async () => {
  const { metafile } = await build({ ...tracingBundle, write: false, outdir: "unused" });
  expect(modulesIn(metafile).some((path) => path.includes("@opentelemetry/sdk-trace"))).toBe(true);
  const handler = await build({ ...handlerBundle, write: false, outdir: "unused" });
  const imports = Object.values(handler.metafile.outputs).flatMap(({ imports }) => imports);
  expect(imports).toContainEqual({ path: "./tracing.mjs", kind: "dynamic-import", external: true });
});
