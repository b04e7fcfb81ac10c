import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const prefix = "doubleshot-dynamodb-";
const name = "dynamodb.db";

/** A file that is younger may be one that another host's dynoxide is about to open. */
const settledAfterMs = 60_000;

export interface TemporaryFile {
  readonly file: string;
  remove(): void;
}

/**
 * Where dynoxide keeps data that is not to outlive it. Data in dynoxide's own memory would be out of reach of the
 * indexes. A host that is killed cannot remove its file, so the next start removes it.
 */
export function temporaryFile(parent = tmpdir()): TemporaryFile {
  for (const folder of readdirSync(parent).filter((each) => each.startsWith(prefix))) {
    const path = join(parent, folder);
    if (isAbandoned(join(path, name))) rmSync(path, { recursive: true, force: true });
  }
  const folder = mkdtempSync(join(parent, prefix));
  return { file: join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** An open SQLite file is locked as long as its process lives, so the lock is to be had only when the process is gone. */
function isAbandoned(file: string): boolean {
  let db: DatabaseSync | undefined;
  try {
    if (Date.now() - statSync(file).mtimeMs < settledAfterMs) return false;
    db = new DatabaseSync(file);
    db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    return true;
  } catch {
    return false;
  } finally {
    db?.close();
  }
}
