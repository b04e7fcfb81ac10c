import { join } from "node:path";
import { bundleFolder, isFresh } from "./bundle-folder.ts";
import type { Programs } from "./programs.ts";

/** The file that Node runs for each program, and the environment for it. */
export interface ProgramFiles<Name extends string = string> {
  readonly files: Readonly<Record<Name, string>>;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Returns the files to run, as bundles: a service has some 1,900 modules, and finding and reading them is a third of the CPU
 * of its start. Stale bundles are made again first. Where they cannot be made (no esbuild, a folder that cannot be written, a
 * source that does not parse), `report` gets a sentence, and the files are the sources.
 */
export async function programFiles<Name extends string>(
  { root, sources }: Programs<Name>,
  report: (line: string) => void,
): Promise<ProgramFiles<Name>> {
  const folder = bundleFolder({ root, sources });
  try {
    if (!isFresh(folder, { root, sources })) {
      // Loaded only here, because esbuild may not be installed.
      const { bundlePrograms } = await import("./bundle-programs.ts");
      await bundlePrograms({ root, sources, folder });
    }
  } catch (error) {
    const reason = String(error).split("\n").slice(0, 2).join(" ");
    report(`The services start from their sources, which takes longer: their bundles cannot be made (${reason}).`);
    return { files: sources, env: {} };
  }
  const bundles = Object.keys(sources).map((name) => [name, join(folder, `${name}.mjs`)]);
  return { files: Object.fromEntries(bundles), env: { NODE_OPTIONS: withSourceMaps(process.env.NODE_OPTIONS) } };
}

/** With source maps, stack traces name the sources. */
function withSourceMaps(options: string | undefined): string {
  return options ? `${options} --enable-source-maps` : "--enable-source-maps";
}
