import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { reason } from "./log.ts";
import { StartRefusedError } from "./start-refused.ts";

/** Where durable state lives: one folder a shop, held by one process at a time. */
export interface DataFolder {
  readonly tables: string;
  readonly messages: string;
  checkpoint(mapping: string): string;
  release(): void;
}

/**
 * Makes the folder and takes it for this process. Throws StartRefusedError when it cannot be written or when another live
 * process holds it.
 */
export function openDataFolder(path: string): DataFolder {
  const folder = resolve(path);
  const lock = takeLock(folder);
  return {
    tables: join(folder, "dynamodb.db"),
    messages: join(folder, "messaging"),
    checkpoint: (mapping) => join(folder, "checkpoints", `${mapping}.json`),
    release: () => lock.close(),
  };
}

const lockFile = "lock.db";

/**
 * Empties the folder. Throws StartRefusedError when another live process holds it: the files of an open shop, deleted, would
 * live on in that process alone, and die with it.
 */
export function forgetDataFolder(path: string): void {
  const folder = resolve(path);
  const lock = takeLock(folder);
  try {
    // The lock file stays: a process that waits for it must not get the lock of another file.
    for (const name of readdirSync(folder).filter((name) => name !== lockFile)) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  } finally {
    lock.close();
  }
}

/**
 * Two embedded AWS over the same files would each hand out the same messages. The lock is an open SQLite transaction:
 * the kernel drops it when its process dies, however it dies, so a crash never leaves a stale lock behind.
 */
function takeLock(folder: string): DatabaseSync {
  const holder = join(folder, "pid");
  let lock: DatabaseSync | undefined;
  try {
    mkdirSync(join(folder, "checkpoints"), { recursive: true });
    lock = new DatabaseSync(join(folder, lockFile));
    lock.exec("BEGIN EXCLUSIVE");
    writeFileSync(holder, `${process.pid}\n`);
    return lock;
  } catch (error) {
    lock?.close();
    if (reason(error).includes("locked")) {
      throw new StartRefusedError(
        `The data folder ${folder} is in use by process ${readHolder(holder)}: stop that shop first, or choose another folder (DATA, or npm start -- --data).`,
      );
    }
    throw new StartRefusedError(
      `The data folder ${folder} cannot be written (${reason(error)}): make it writable, or choose another folder (DATA, which may be "memory", or npm start -- --data).`,
    );
  }
}

function readHolder(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "unknown";
  }
}
