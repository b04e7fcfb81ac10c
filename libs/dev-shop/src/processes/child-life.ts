import { type ChildProcess, spawn } from "node:child_process";
import { eachLine, type Listening, parseListening } from "./output-lines.ts";

export interface Program {
  readonly name: string;
  /** Path of the module that Node runs. */
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process ended, or had to be killed, before its "listening" line. The message is the output of the process. */
export class StartFailedError extends Error {
  override readonly name = "StartFailedError";
  readonly exitSentence = true;
}

/** A busy machine makes a start slow; a start that takes this long hangs. */
const startDeadlineMs = 60_000;

/** The output of a dead process may stay open so long, held by a grandchild that left the process group. */
const outputGraceMs = 500;

/**
 * One life of a child process, from spawn to the last byte of its output.
 *
 * The child leads a process group of its own. So Ctrl-C in the terminal reaches the supervisor only, which closes the shop
 * in order, and the child's own children die with it. The IPC channel breaks when the supervisor is killed, and the child
 * then exits.
 */
export class ChildLife {
  /** Resolves at the "listening" line; rejects with `StartFailedError` if the process ends without one. */
  readonly listening: Promise<Listening>;
  /** Resolves when the process is gone and its output has been read. */
  readonly ended: Promise<Ending>;
  readonly startedAt = performance.now();
  readonly #child: ChildProcess;
  readonly #errors: string[] = [];
  readonly #lines: string[] = [];
  #hasEnded = false;
  #hasListened = false;
  #requests = 0;

  constructor(program: Program, onLine: (line: string) => void) {
    this.#child = spawn(process.execPath, [program.entry], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: program.env,
      detached: true,
    });
    const { promise, resolve, reject } = Promise.withResolvers<Listening>();
    this.listening = promise;
    // A caller that awaits the start gets the failure; without one, it must not end this process.
    promise.catch(() => undefined);
    const { stdout, stderr } = this.#child;
    if (stdout) {
      eachLine(stdout, (line) => {
        onLine(line);
        if (this.#lines.push(line) > 3) this.#lines.shift();
        const listening = parseListening(line);
        if (!listening) return;
        this.#hasListened = true;
        resolve(listening);
      });
    }
    if (stderr) {
      eachLine(stderr, (line) => {
        onLine(line);
        if (line.trim() !== "" && this.#errors.push(line) > 20) this.#errors.shift();
      });
    }
    this.ended = this.#end();
    this.ended.then(
      (ending) => reject(new StartFailedError(this.#failureText(program.name, ending))),
      (error: Error) => reject(new StartFailedError(`${program.name} could not be started: ${error.message}`)),
    );
    const deadline = setTimeout(() => {
      reject(new StartFailedError(`${program.name} did not listen within ${startDeadlineMs / 1000} s.`));
      this.signal("SIGKILL");
    }, startDeadlineMs);
    promise.then(
      () => clearTimeout(deadline),
      () => clearTimeout(deadline),
    );
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** True from the moment the process is known to be gone. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get hasListened(): boolean {
    return this.#hasListened;
  }

  /** The newest line on stderr. */
  get lastError(): string | undefined {
    return this.#errors.at(-1);
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.#hasEnded) this.#child.kill(signal);
  }

  /**
   * Sends a command over the IPC channel as `{request, command}`. Resolves with `answer` of the child's `{answerTo, answer}`
   * that has the same number. Rejects when the child ends first.
   */
  request(command: unknown): Promise<unknown> {
    const child = this.#child;
    this.#requests += 1;
    const request = this.#requests;
    const answered = Promise.withResolvers<unknown>();
    const listen = ({ answerTo, answer }: { answerTo?: number; answer?: unknown }) => {
      if (answerTo === request) answered.resolve(answer);
    };
    child.on("message", listen);
    child.send({ request, command }, (error) => error && answered.reject(error));
    const gone = () => answered.reject(new Error("The process has ended without an answer."));
    void this.ended.then(gone, gone);
    return answered.promise.finally(() => child.off("message", listen));
  }

  #end(): Promise<Ending> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      child.once("error", (error) => {
        if (child.pid !== undefined) return;
        this.#hasEnded = true;
        reject(error);
      });
      child.once("exit", () => {
        this.#hasEnded = true;
        this.#killGroup();
        setTimeout(() => {
          child.stdout?.destroy();
          child.stderr?.destroy();
        }, outputGraceMs).unref();
      });
      child.once("close", (code, signal) => resolve({ code, signal }));
    });
  }

  /** A leader that was killed could not stop its own children: dynoxide would keep its port and its file. */
  #killGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // The group is empty.
    }
  }

  #failureText(name: string, ending: Ending): string {
    const [sentence] = this.#errors;
    if (sentence !== undefined && this.#errors.length === 1) return sentence;
    const output = this.#errors.length > 0 ? this.#errors : this.#lines;
    return [`${name} ${describeEnding(ending)} before it was ready.`, ...output].join("\n");
  }
}

/** "was killed by SIGKILL" or "ended with code 1". */
export function describeEnding({ code, signal }: Ending): string {
  return signal === null ? `ended with code ${code}` : `was killed by ${signal}`;
}
