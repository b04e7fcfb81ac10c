import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from "node:fs";
import { join } from "node:path";

/** A log that has grown beyond this is set aside when the shop opens; the one set aside before goes. */
const largest = 10 * 1024 * 1024;

/** One log file for each process in the folder, appended to from one run to the next. */
export class LogFiles {
  readonly #folder: string;
  readonly #files = new Map<string, WriteStream>();

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  write(name: string, line: string): void {
    let file = this.#files.get(name);
    if (!file) {
      file = this.#open(name);
      this.#files.set(name, file);
    }
    file.write(`${line}\n`);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => new Promise<void>((closed) => file.end(closed))));
  }

  #open(name: string): WriteStream {
    const path = join(this.#folder, `${name}.log`);
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > largest) renameSync(path, join(this.#folder, `${name}.old.log`));
    const file = createWriteStream(path, { flags: "a" });
    // A full disk costs the logs, not the shop.
    file.on("error", () => undefined);
    return file;
  }
}
