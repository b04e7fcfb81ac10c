import { type ChildProcess, spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import type { Rush } from "@doubleshot/shop";
import type { Env } from "../processes/child-environment.ts";
import { eachLine } from "../processes/output-lines.ts";

export interface RushState {
  /** By the names of its numbers. */
  readonly numbers: Readonly<Record<string, number>>;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly endedAt?: string;
  /**
   * - 0    every caller was served
   * - 1    a caller was not served, attackers slowed the others down too much, or the rush failed
   * - 2    an argument was wrong
   * - 130  the rush was stopped; it has reported on the callers until then
   *
   * Absent while it runs, after SIGKILL, and if the process could not be started.
   */
  readonly exitCode?: number;
  /** The newest lines of its output. */
  readonly lines: readonly string[];
}

const maxLines = 40;

/** A rush hour in a process of its own, which ends with this process. */
export class RushProcess {
  readonly #child: ChildProcess;
  #state: RushState;

  constructor(
    { program, numbers, args }: Rush,
    { values, root, env }: { values: readonly number[]; root: string; env: Env },
  ) {
    const sized = numbers.flatMap(({ option }, index) => [option, String(values[index])]);
    this.#child = spawn(process.execPath, [program, ...sized, ...args], {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // Ctrl-C is for the supervisor.
      detached: true,
    });
    this.#state = {
      numbers: Object.fromEntries(numbers.map(({ name }, index) => [name, values[index] ?? 0])),
      startedAt: new Date().toISOString(),
      lines: [],
    };
    for (const output of [this.#child.stdout, this.#child.stderr])
      if (output) eachLine(output, (line) => this.#add(line));
    const end = (exitCode: number | null) => {
      if (!this.isRunning) return;
      this.#state = { ...this.#state, endedAt: new Date().toISOString(), ...(exitCode !== null && { exitCode }) };
    };
    this.#child.once("error", (error) => {
      this.#add(error.message);
      end(null);
    });
    // Node also emits it, with a negative code, after an error of the start.
    this.#child.once("close", end);
  }

  get state(): RushState {
    return this.#state;
  }

  get isRunning(): boolean {
    return this.#state.endedAt === undefined;
  }

  /** The rush ends with its report. */
  stop(): void {
    this.#child.kill("SIGTERM");
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #add(text: string): void {
    const line = stripVTControlCharacters(text).trimEnd();
    if (line !== "") this.#state = { ...this.#state, lines: [...this.#state.lines, line].slice(-maxLines) };
  }
}
