import { ChildLife, describeEnding, type Ending, type Program } from "./child-life.ts";
import type { Listening } from "./output-lines.ts";

export interface Supervision {
  /** Start the process again when it ends by itself or is killed. */
  readonly restart: boolean;
  /** Called with one line for each crash and restart. */
  readonly report?: (line: string) => void;
  /** Called with every line of the process. */
  readonly onLine?: (line: string) => void;
}

const firstDelayMs = 50;
const maxDelayMs = 3_000;
/** A process that was up for this long is not in a crash loop: its next restart has no delay. */
const steadyAfterMs = 5_000;
const maxOutputLines = 2_000;

/**
 * Keeps a process running. It is in one of these states:
 * - down      at first, and after an end without `restart`; `start` and `up` start it
 * - starting  until its "listening" line. A first start that fails is not repeated, because no client relies on the process yet
 *             and its output has the reason
 * - up        until it ends for any reason
 * - resting   after an end, for a delay that doubles with each failure in a row. Then it is starting again, with the same
 *             environment and therefore the same port
 * - stopped   after `stop`, from any state and for good
 */
export class SupervisedProcess {
  readonly name: string;
  readonly #program: Program;
  readonly #supervision: Supervision;
  readonly #output: string[] = [];
  #life: ChildLife | undefined;
  #lastListening: Listening | undefined;
  #isStopped = false;
  #failures = 0;
  #resting: { timer: NodeJS.Timeout; wake: () => void } | undefined;
  #nextLife = Promise.withResolvers<void>();

  constructor(program: Program, supervision: Supervision) {
    this.name = program.name;
    this.#program = program;
    this.#supervision = supervision;
  }

  get pid(): number {
    const pid = this.#life?.pid;
    if (pid === undefined) throw new Error(`${this.name} has not been started.`);
    return pid;
  }

  /** The newest "listening" line. */
  get listening(): Listening {
    if (!this.#lastListening) throw new Error(`${this.name} has not been up yet.`);
    return this.#lastListening;
  }

  /** Its address, also after a restart. Empty for the embedded AWS, which has endpoints instead. */
  get url(): string {
    return this.listening.url ?? "";
  }

  /** Whether it listens at this moment. */
  get isUp(): boolean {
    return this.#life?.hasListened === true && !this.#life.hasEnded;
  }

  /** Sends a command over the IPC channel, and resolves with the answer. Rejects if the process is down or ends. */
  async request(command: unknown): Promise<unknown> {
    if (!this.#life || this.#life.hasEnded) throw new Error(`${this.name} is down.`);
    return this.#life.request(command);
  }

  /** The newest 2,000 lines of stdout and stderr, over all its lives. */
  output(): string[] {
    return [...this.#output];
  }

  /** Starts the process and resolves when it is up. @throws StartFailedError with its last output */
  async start(): Promise<Listening> {
    const life = this.#launch();
    const listening = await life.listening;
    this.#watch(life);
    return listening;
  }

  /** Resolves when the process is up: at once, after its restart, or after a start without `restart`. */
  async up(): Promise<void> {
    while (!this.#isStopped) {
      if (this.#life && !this.#life.hasEnded) {
        const hasListened = await this.#life.listening.then(
          () => true,
          () => false,
        );
        if (hasListened && !this.#life.hasEnded) return;
        if (!hasListened) await this.#life.ended.catch(() => undefined);
      } else if (this.#supervision.restart) {
        await this.#nextLife.promise;
      } else {
        await this.start();
        return;
      }
    }
    throw new Error(`${this.name} has been stopped.`);
  }

  /** Sends the signal and resolves when the process is gone. With `restart`, it is started again. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.#life?.signal(signal);
    await this.#life?.ended;
  }

  /** Freezes the process with SIGSTOP: it keeps its sockets and answers nothing. */
  suspend(): void {
    this.#life?.signal("SIGSTOP");
  }

  resume(): void {
    this.#life?.signal("SIGCONT");
  }

  /**
   * Ends the process for good: SIGTERM, and SIGKILL after `deadlineMs`. Resolves with false if it had to be killed, or if its
   * exit code reports unfinished work.
   */
  async stop(deadlineMs: number): Promise<boolean> {
    this.#isStopped = true;
    this.#resting?.wake();
    this.#nextLife.resolve();
    const life = this.#life;
    if (!life || life.hasEnded) return true;
    // A frozen process gets SIGTERM only when it runs again.
    life.signal("SIGTERM");
    life.signal("SIGCONT");
    const timer = setTimeout(() => life.signal("SIGKILL"), deadlineMs);
    const { code, signal } = await life.ended.finally(() => clearTimeout(timer));
    return code === 0 || signal === "SIGTERM";
  }

  #launch(): ChildLife {
    const life = new ChildLife(this.#program, (line) => {
      if (this.#output.push(line) > maxOutputLines) this.#output.shift();
      this.#supervision.onLine?.(line);
    });
    this.#life = life;
    life.listening.then(
      (listening) => {
        this.#lastListening = listening;
      },
      () => undefined,
    );
    const before = this.#nextLife;
    this.#nextLife = Promise.withResolvers<void>();
    before.resolve();
    return life;
  }

  #watch(life: ChildLife): void {
    life.ended.then(
      (ending) => this.#afterEnd(life, ending),
      () => this.#afterEnd(life, { code: null, signal: null }),
    );
  }

  async #afterEnd(life: ChildLife, ending: Ending): Promise<void> {
    if (this.#isStopped) return;
    if (!this.#supervision.restart) return;
    const wasSteady = performance.now() - life.startedAt > steadyAfterMs;
    this.#failures = wasSteady ? 0 : this.#failures + 1;
    const delayMs = wasSteady ? 0 : Math.min(maxDelayMs, firstDelayMs * 2 ** (this.#failures - 1));
    const reason = life.hasListened || life.lastError === undefined ? "" : ` (${life.lastError})`;
    this.#supervision.report?.(`${this.name} ${describeEnding(ending)}${reason}: starting it again`);
    await this.#rest(delayMs);
    if (this.#isStopped) return;
    const next = this.#launch();
    this.#watch(next);
    await next.listening.then(
      () => this.#supervision.report?.(`${this.name} is back (${Math.round(performance.now() - next.startedAt)} ms)`),
      // Its end calls this method again.
      () => undefined,
    );
  }

  #rest(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#resting = undefined;
        resolve();
      };
      const timer = setTimeout(wake, delayMs);
      this.#resting = { timer, wake };
    });
  }
}
