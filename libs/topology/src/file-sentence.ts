/** Remedies for refusals of the file system, by their codes. */
const remedies: Readonly<Record<string, string>> = {
  ENOSPC: "free some space",
  EDQUOT: "free some space of your quota",
  EROFS: "make its file system writable, or choose another place",
  EACCES: "correct its owner or its rights",
  ENOTDIR: "correct the path",
};

/** Describes a refusal of the file system in one sentence with its remedy. Returns undefined for any other error. */
export function fileSentence(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = "", syscall, path } = error as NodeJS.ErrnoException;
  const remedy = remedies[code];
  if (remedy === undefined || syscall === undefined) return undefined;
  const what = path === undefined ? syscall : `${syscall} of ${path}`;
  return `The file system refuses ${what} (${code}): ${remedy}, and run the command again.`;
}
