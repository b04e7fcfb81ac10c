import { join } from "node:path";
import { bundleFolder, isFresh } from "./bundle-folder.ts";
import type { Programs } from "./programs.ts";

/** What Node is to run for each program, and the environment that goes with it. */
export interface ProgramFiles<Name extends string = string> {
  readonly files: Readonly<Record<Name, string>>;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The files to run, as bundles: a service is some 1,900 modules, and to find and read them is a third of the CPU that its
 * start takes. If a source has changed, they are made anew first. Where they cannot be made (no esbuild, a folder that
 * cannot be written, a source that does not parse), `say` gets a sentence, and the sources are what runs.
 */
export async function programFiles<Name extends string>(
  { root, sources }: Programs<Name>,
  say: (line: string) => void,
): Promise<ProgramFiles<Name>> {
  const folder = bundleFolder({ root, sources });
  try {
    if (!isFresh(folder, { root, sources })) {
      // Not loaded before it is needed, because esbuild may not be installed.
      const { bundlePrograms } = await import("./bundle-programs.ts");
      await bundlePrograms({ root, sources, folder });
    }
  } catch (error) {
    const reason = String(error).split("\n").slice(0, 2).join(" ");
    say(`The services start from their sources, which takes longer: their bundles cannot be made (${reason}).`);
    return { files: sources, env: {} };
  }
  const bundles = Object.keys(sources).map((name) => [name, join(folder, `${name}.mjs`)]);
  return { files: Object.fromEntries(bundles), env: { NODE_OPTIONS: withSourceMaps(process.env.NODE_OPTIONS) } };
}

/** So that stack traces name the sources. */
function withSourceMaps(options: string | undefined): string {
  return options ? `${options} --enable-source-maps` : "--enable-source-maps";
}
