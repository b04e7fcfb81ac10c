import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";

const erased = "\r\u001b[K";

interface MaybeTerminal {
  readonly isTTY?: boolean;
}

/** Standard streams: those of `process`, or of a caller in the same process. */
export interface Streams {
  readonly stdin: Readable & MaybeTerminal;
  readonly stdout: Writable;
  readonly stderr: Writable & MaybeTerminal;
}

/**
 * Writes results to standard output and everything else to standard error, so that output can be piped. Progress appears
 * on a terminal only.
 */
export class Terminal {
  readonly #stdin: Streams["stdin"];
  readonly #stdout: Streams["stdout"];
  readonly #stderr: Streams["stderr"];
  #inProgress = false;

  constructor({ stdin, stdout, stderr }: Streams) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** A result. */
  print(text: string): void {
    this.#clearProgress();
    this.#stdout.write(`${text}\n`);
  }

  /** A result for machines: one JSON document for each run. */
  printJson(value: unknown): void {
    this.print(JSON.stringify(value, undefined, 2));
  }

  /** A remark beside the result. */
  report(text: string): void {
    this.#clearProgress();
    // Standard output alone decides about colours.
    this.#stderr.write(`${this.#stderr.isTTY ? text : stripVTControlCharacters(text)}\n`);
  }

  /** Replaces the last progress. */
  progress(text: string): void {
    if (!this.#stderr.isTTY) return;
    this.#stderr.write(`${erased}${pc.dim(text)}`);
    this.#inProgress = true;
  }

  /** Asks for a yes. Undefined without a terminal. */
  async confirm(question: string): Promise<boolean | undefined> {
    this.#clearProgress();
    if (!(this.#stdin.isTTY && this.#stderr.isTTY)) return undefined;
    const lines = createInterface({ input: this.#stdin, output: this.#stderr });
    try {
      return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
    } finally {
      lines.close();
    }
  }

  #clearProgress(): void {
    if (this.#inProgress) this.#stderr.write(erased);
    this.#inProgress = false;
  }
}
