import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { promisify } from "node:util";

const repository = resolve(import.meta.dirname, "../../../..");
/** Folders that patches may change. A copy is inside the repository and finds the rest there, node_modules too. */
const copied = [
  "libs/messaging",
  "libs/local-aws",
  "libs/operations",
  "libs/service-host",
  "libs/service-kit",
  "services/orders",
  "services/barista",
];

export interface PatchedCopy extends AsyncDisposable {
  /** Absolute path. The copies have the same paths below it as in the repository. */
  readonly root: string;
}

/**
 * A copy of the sources with a patch applied, or without one; removed when disposed of.
 * @throws PatchDoesNotApplyError
 */
export async function patchedCopy(patch?: string): Promise<PatchedCopy> {
  const parent = join(repository, ".mutants");
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

/** @throws PatchDoesNotApplyError when the sources have changed under the patch. */
export const checkApplies = (patch: string): Promise<void> => apply(patch, repository, "--check");

/** Keeps git from finding the repository, because it would apply the patch's paths there. */
async function apply(patch: string, cwd: string, ...options: readonly string[]): Promise<void> {
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: resolve(cwd, "..") };
  try {
    await promisify(execFile)("git", ["apply", ...options, patch], { cwd, env });
  } catch (error) {
    throw new PatchDoesNotApplyError(patch, (error as { stderr?: string }).stderr ?? String(error));
  }
}

/** The code has changed under the patch. */
class PatchDoesNotApplyError extends Error {
  override readonly name = "PatchDoesNotApplyError";

  constructor(patch: string, reason: string) {
    const path = relative(repository, patch);
    super(
      `${path} no longer applies:\n${reason.trimEnd()}\nRefresh it in a clean working tree: git apply --3way ${path}, make the code wrong again, as its first line says, then git add -A && { head -1 ${path}; git diff --cached -U1; } > /tmp/new.patch && git restore -SW . && mv /tmp/new.patch ${path}`,
    );
  }
}
