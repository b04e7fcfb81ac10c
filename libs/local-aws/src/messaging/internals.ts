/**
 * What these files of fauxqs 2.4.1 export, which its package does not. The version is pinned, and the quirk tests watch
 * what is used of it.
 */
export async function internals<T>(...files: readonly string[]): Promise<T> {
  const base = import.meta.resolve("fauxqs");
  const modules = await Promise.all(files.map((file) => import(new URL(file, base).href)));
  return Object.assign({}, ...modules);
}
