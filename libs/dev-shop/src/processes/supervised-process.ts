import { ChildLife, describeEnding, type Ending, type Program } from "./child-life.ts";
import type { Listening } from "./output-lines.ts";

export interface Supervision {
  /** Start the process again when it ends by itself or is killed. */
  readonly restart: boolean;
  /** One line for a person: a crash, a restart. */
  readonly say?: (line: string) => void;
  /** Every line the process writes. */
  readonly onLine?: (line: string) => void;
}

const firstDelay = 50;
const longestDelay = 3_000;
/** A process that was up for this long is not in a crash loop: its next restart comes without delay again. */
const steadyAfter = 5_000;
const rememberedLines = 2_000;

/**
 * A process and the watch over it.
 *
 * It begins *down*. `start` makes it *starting*, its "listening" line makes it *up*. When it ends, whoever ended it, it is
 * *resting* for a delay that doubles with each failure in a row, and then *starting* again with the same environment,
 * which names its ports: so it is found where it was. A first start that fails is not repeated, because nobody has
 * relied on the process yet and its last words say what is wrong. `stop` makes it *stopped*, from any state and for good.
 * Without `restart`, an end leads to *down*, and `up` starts it again.
 */
export class SupervisedProcess {
  readonly name: string;
  readonly #program: Program;
  readonly #supervision: Supervision;
  readonly #output: string[] = [];
  #life: ChildLife | undefined;
  #lastListening: Listening | undefined;
  #stopped = false;
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

  /** What the process said when it was last ready. */
  get listening(): Listening {
    if (!this.#lastListening) throw new Error(`${this.name} has not been up yet.`);
    return this.#lastListening;
  }

  /** Where it was last found, and will be again. Empty for a process that names no URL (the embedded AWS names endpoints). */
  get url(): string {
    return this.listening.url ?? "";
  }

  /** What the process wrote to stdout and stderr, over all its lives: the newest 2,000 lines. */
  output(): string[] {
    return [...this.#output];
  }

  /** Starts the process and resolves when it is up. Throws `StartFailed` with its last words. */
  async start(): Promise<Listening> {
    const life = this.#launch();
    const listening = await life.listening;
    this.#watch(life);
    return listening;
  }

  /** Resolves when the process is up: at once, after its restart, or by starting it if nobody else does. */
  async up(): Promise<void> {
    while (!this.#stopped) {
      if (this.#life && !this.#life.over) {
        const listened = await this.#life.listening.then(
          () => true,
          () => false,
        );
        if (listened && !this.#life.over) return;
        if (!listened) await this.#life.ended.catch(() => undefined);
      } else if (this.#supervision.restart) {
        await this.#nextLife.promise;
      } else {
        await this.start();
        return;
      }
    }
    throw new Error(`${this.name} has been stopped.`);
  }

  /** Sends the signal and resolves when the process is gone. It is started again if it is supervised so. */
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
   * Ends the process for good: SIGTERM, and SIGKILL when `deadline` ms have passed. Resolves with false if it had to be
   * killed or said with its exit code that it could not finish what it was doing.
   */
  async stop(deadline: number): Promise<boolean> {
    this.#stopped = true;
    this.#resting?.wake();
    this.#nextLife.resolve();
    const life = this.#life;
    if (!life || life.over) return true;
    // A frozen process only hears SIGTERM once it runs again.
    life.signal("SIGTERM");
    life.signal("SIGCONT");
    const timer = setTimeout(() => life.signal("SIGKILL"), deadline);
    const { code, signal } = await life.ended.finally(() => clearTimeout(timer));
    return code === 0 || signal === "SIGTERM";
  }

  #launch(): ChildLife {
    const life = new ChildLife(this.#program, (line) => {
      if (this.#output.push(line) > rememberedLines) this.#output.shift();
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
    if (this.#stopped) return;
    if (!this.#supervision.restart) return;
    const steady = performance.now() - life.startedAt > steadyAfter;
    this.#failures = steady ? 0 : this.#failures + 1;
    const delay = steady ? 0 : Math.min(longestDelay, firstDelay * 2 ** (this.#failures - 1));
    const reason = life.hasListened || life.lastError === undefined ? "" : ` (${life.lastError})`;
    this.#supervision.say?.(`${this.name} ${describeEnding(ending)}${reason}: starting it again`);
    await this.#rest(delay);
    if (this.#stopped) return;
    const next = this.#launch();
    this.#watch(next);
    await next.listening.then(
      () => this.#supervision.say?.(`${this.name} is back (${Math.round(performance.now() - next.startedAt)} ms)`),
      // Its end comes round here again.
      () => undefined,
    );
  }

  #rest(delay: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#resting = undefined;
        resolve();
      };
      const timer = setTimeout(wake, delay);
      this.#resting = { timer, wake };
    });
  }
}
