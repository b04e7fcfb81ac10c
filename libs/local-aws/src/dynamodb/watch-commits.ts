import { watch } from "node:fs";

/**
 * Calls `onCommit` soon after each write of any process to the SQLite file `file`: SQLite appends a commit to the file's
 * write-ahead log. Several commits may come as one call. Where the file system reports no changes, or the log
 * is not there, no call ever comes.
 */
export function watchCommits(file: string, onCommit: () => void): { stop(): void } {
  try {
    const watcher = watch(`${file}-wal`, { persistent: false }, onCommit);
    watcher.on("error", () => watcher.close());
    return { stop: () => watcher.close() };
  } catch {
    return { stop: () => undefined };
  }
}
