import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Output of a git command in the repository, by line, without empty ones. */
export function git(...args: string[]): string[] {
  const output = execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return output.split("\n").filter((line) => line !== "");
}

/** Paths of the files that match, of those that git tracks and of new ones. Default: all. */
export function trackedFiles(...patterns: string[]): string[] {
  const files = git("ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", ...patterns);
  const deleted = new Set(git("ls-files", "--deleted"));
  return files.filter((file) => !deleted.has(file));
}

/** Paths of the TypeScript and JavaScript files of the repository. */
export const sourceFiles = (): string[] => trackedFiles("*.ts", "*.tsx", "*.js");

export const textOf = (file: string): string => readFileSync(join(root, file), "utf8");
