/**
 * Returns the exports of files of fauxqs 2.4.1 that its package does not export. The version is pinned, and the quirk
 * tests watch the parts in use.
 */
export async function internals<T>(...files: readonly string[]): Promise<T> {
  const base = import.meta.resolve("fauxqs");
  const modules = await Promise.all(files.map((file) => import(new URL(file, base).href)));
  return Object.assign({}, ...modules);
}
