import type { FaultAnswer, FaultCommand, FaultsState } from "@doubleshot/local-aws/faults";
import type { Rush } from "@doubleshot/shop";
import type { Env } from "../processes/child-environment.ts";
import type { SupervisedProcess } from "../processes/supervised-process.ts";
import { FaultProblemError } from "./fault-problem.ts";
import { RushProcess, type RushState } from "./rush-process.ts";

/** A process that may be killed, and takes commands. */
export type FaultyProcess = Pick<SupervisedProcess, "name" | "isUp" | "pid" | "kill" | "request">;

/** The parts of a shop that may have faults. */
export interface FaultyShop {
  /** Undefined where the shop uses an AWS that is not its process. */
  readonly aws: FaultyProcess | undefined;
  readonly services: readonly FaultyProcess[];
  /** Undefined for a shop without one. */
  readonly rush: { readonly program: Rush; readonly root: string; readonly env: Env } | undefined;
}

export interface ShopFaultsState {
  /** Undefined while the embedded AWS is down. */
  readonly aws: FaultsState | undefined;
  readonly processes: readonly { readonly name: string; readonly isUp: boolean; readonly pid?: number }[];
  /** The rush that runs, or the last one. */
  readonly rush: RushState | undefined;
  /** Kills and commands of this API, the newest first. */
  readonly done: readonly DoneFault[];
}

/** A fault that has been caused, other than those of deliveries, which `aws.inflicted` lists. */
export interface DoneFault {
  /** RFC 3339. */
  readonly at: string;
  readonly what: "relays-stop" | "relays-start" | "relays-kill" | "process-kill" | "stall" | "rush" | "rush-stop";
  /** The killed process. */
  readonly name?: string;
  readonly seconds?: number;
}

const maxDone = 100;

/** Causes faults in a shop of this machine, so that a person can break it and watch it heal. */
export class ShopFaults {
  readonly #shop: () => FaultyShop;
  #rush: RushProcess | undefined;
  #done: readonly DoneFault[] = [];

  /** `shop` returns the parts as they are at the time of a call. */
  constructor(shop: () => FaultyShop) {
    this.#shop = shop;
  }

  /** Names of the processes that `kill` takes. */
  get names(): string[] {
    return this.#processes.map(({ name }) => name);
  }

  /** Undefined for a shop without a rush. */
  get rushProgram(): Rush | undefined {
    return this.#shop().rush?.program;
  }

  async state(): Promise<ShopFaultsState> {
    const answer = await this.#ask({ kind: "state" }).catch(() => undefined);
    return {
      aws: answer?.outcome === "done" ? answer.state : undefined,
      processes: this.#processes.map((process) => {
        const { name, isUp } = process;
        return { name, isUp, ...(isUp && { pid: process.pid }) };
      }),
      rush: this.#rush?.state,
      done: this.#done,
    };
  }

  /** @throws FaultProblemError when the embedded AWS is down, or its DynamoDB is not its own */
  async causeInAws(command: FaultCommand): Promise<void> {
    const answer = await this.#ask(command).catch((error: unknown) => {
      if (error instanceof FaultProblemError) throw error;
      throw new FaultProblemError(503, "The embedded AWS is starting: try again in a second.", { "retry-after": "1" });
    });
    if (answer.outcome === "not-ours") {
      throw new FaultProblemError(409, "This shop uses a DynamoDB that it has not started: stop that one by hand.");
    }
    if (command.kind === "relays") this.#note({ what: `relays-${command.action}` });
    if (command.kind === "stall") this.#note({ what: "stall", seconds: command.ms / 1_000 });
  }

  /** Kills a process; its supervisor starts it again. Resolves when the process is gone. */
  async kill(name: string): Promise<void> {
    const process = this.#processes.find((each) => each.name === name);
    if (!process?.isUp) throw new FaultProblemError(409, `${name} is starting: kill it when it is up.`);
    this.#note({ what: "process-kill", name });
    await process.kill();
  }

  /** Starts a rush hour. @throws FaultProblemError while one runs, or if the shop has none */
  startRush(values: readonly number[]): void {
    const { rush } = this.#shop();
    if (rush === undefined) throw new FaultProblemError(409, "This shop has no rush hour: its definition names none.");
    if (this.#rush?.isRunning)
      throw new FaultProblemError(409, "A rush hour runs already: stop it, or wait for its end.");
    const { program, root, env } = rush;
    this.#rush = new RushProcess(program, { values, root, env });
    this.#note({ what: "rush" });
  }

  stopRush(): void {
    if (!this.#rush?.isRunning) return;
    this.#rush.stop();
    this.#note({ what: "rush-stop" });
  }

  close(): void {
    if (this.#rush?.isRunning) this.#rush.kill();
  }

  get #processes(): readonly FaultyProcess[] {
    const { aws, services } = this.#shop();
    return aws === undefined ? services : [...services, aws];
  }

  async #ask(command: FaultCommand): Promise<FaultAnswer> {
    const { aws } = this.#shop();
    if (aws === undefined) throw new FaultProblemError(409, "This shop uses an AWS that it has not started.");
    // The embedded AWS is of the same release, and answers nothing else.
    return (await aws.request(command)) as FaultAnswer;
  }

  #note(fault: Omit<DoneFault, "at">): void {
    this.#done = [{ at: new Date().toISOString(), ...fault }, ...this.#done].slice(0, maxDone);
  }
}
