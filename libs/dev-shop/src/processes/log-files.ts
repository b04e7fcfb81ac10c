import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

/** A log of this size becomes the old log, and replaces the one before. A process has at most twice as much on disk. */
const defaultMaxBytes = 10 * 1024 * 1024;

interface LogFile {
  readonly descriptor: number;
  size: number;
}

/**
 * One log file for each process in the folder, appended to from one run to the next.
 *
 * Writes are synchronous: a line costs microseconds, and a slow disk cannot make lines pile up in memory.
 */
export class LogFiles {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #files = new Map<string, LogFile>();

  constructor(folder: string, { maxBytes = defaultMaxBytes } = {}) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    mkdirSync(folder, { recursive: true });
  }

  /** Writes a line, or loses it when the disk is full or the folder is gone. Never throws: the shop runs without logs, too. */
  write(name: string, line: string): void {
    try {
      const file = this.#fileFor(name);
      file.size += writeSync(file.descriptor, `${line}\n`);
    } catch {
      // The next line tries again.
    }
  }

  close(): void {
    for (const { descriptor } of this.#files.values()) closeSync(descriptor);
    this.#files.clear();
  }

  #fileFor(name: string): LogFile {
    const path = join(this.#folder, `${name}.log`);
    const open = this.#files.get(name) ?? this.#open(name, path);
    if (open.size < this.#maxBytes) return open;
    this.#files.delete(name);
    closeSync(open.descriptor);
    renameSync(path, join(this.#folder, `${name}.old.log`));
    return this.#open(name, path);
  }

  #open(name: string, path: string): LogFile {
    const descriptor = openSync(path, "a");
    const file = { descriptor, size: fstatSync(descriptor).size };
    this.#files.set(name, file);
    return file;
  }
}
