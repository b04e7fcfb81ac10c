import { createInterface } from "node:readline/promises";
import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";

const erased = "\r\u001b[K";

/**
 * What a person or a program sees: results on standard output, everything else on standard error, so that output can be
 * piped. Progress is for people who watch: without a terminal there is none.
 */
export class Terminal {
  readonly #stdout: NodeJS.WriteStream;
  readonly #stderr: NodeJS.WriteStream;
  readonly #stdin: NodeJS.ReadStream;
  #inProgress = false;

  constructor({ stdout, stderr, stdin }: Pick<NodeJS.Process, "stdout" | "stderr" | "stdin">) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#stdin = stdin;
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
  say(text: string): void {
    this.#clearProgress();
    // Whether there are colours is decided by standard output.
    this.#stderr.write(`${this.#stderr.isTTY ? text : stripVTControlCharacters(text)}\n`);
  }

  /** Replaces the last progress. */
  progress(text: string): void {
    if (!this.#stderr.isTTY) return;
    this.#stderr.write(`${erased}${pc.dim(text)}`);
    this.#inProgress = true;
  }

  /** Asks for a yes. Undefined where nobody can be asked. */
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
