import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { promisify } from "node:util";

const repository = resolve(import.meta.dirname, "../../../..");
/** What patches may touch. The rest the copies find where it is: they are inside the repository, under its node_modules. */
const copied = [
  "libs/messaging",
  "libs/cli",
  "libs/local-aws",
  "libs/service-kit",
  "services/orders",
  "services/barista",
];

export interface PatchedCopy extends AsyncDisposable {
  /** Absolute; below it the copies are where they are in the repository. */
  readonly root: string;
}

/**
 * A copy of the sources with a patch applied, or without one; removed when disposed of.
 * @throws PatchDoesNotApply
 */
export async function patchedCopy(patch?: string): Promise<PatchedCopy> {
  const parent = join(repository, ".sabotages");
  await mkdir(parent, { recursive: true });
  const root = await mkdtemp(join(parent, `${patch === undefined ? "nothing" : basename(patch, ".patch")}-`));
  const remove = () => rm(root, { recursive: true, force: true, maxRetries: 3 });
  try {
    for (const each of copied) {
      for (const part of ["src", "test", "package.json"]) {
        const from = join(repository, each, part);
        if (existsSync(from)) await cp(from, join(root, each, part), { recursive: true });
      }
    }
    if (patch !== undefined) await apply(patch, root);
  } catch (error) {
    await remove();
    throw error;
  }
  return { root, [Symbol.asyncDispose]: remove };
}

/** @throws PatchDoesNotApply when the sources have changed under the patch. */
export const checkApplies = (patch: string): Promise<void> => apply(patch, repository, "--check");

/** Git is kept from finding the repository: inside one it would take the patch's paths for the repository's own. */
async function apply(patch: string, cwd: string, ...options: readonly string[]): Promise<void> {
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: resolve(cwd, "..") };
  try {
    await promisify(execFile)("git", ["apply", ...options, patch], { cwd, env });
  } catch (error) {
    throw new PatchDoesNotApply(patch, (error as { stderr?: string }).stderr ?? String(error));
  }
}

/** The code has changed under the patch. */
class PatchDoesNotApply extends Error {
  override readonly name = "PatchDoesNotApply";

  constructor(patch: string, reason: string) {
    const path = relative(repository, patch);
    super(
      `${path} no longer applies:\n${reason.trimEnd()}\nRefresh it in a clean working tree: git apply --3way ${path}, make the code as wrong again as its first line says, then git add -A && { head -1 ${path}; git diff --cached -U1; } > /tmp/new.patch && git restore -SW . && mv /tmp/new.patch ${path}`,
    );
  }
}
