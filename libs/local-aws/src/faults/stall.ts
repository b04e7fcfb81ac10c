/** Stops a process for a time. The kernel keeps its connections, so callers get no error and no answer. */
export class Stall {
  readonly #pid: number | undefined;
  #end: { readonly at: Date; readonly timer: NodeJS.Timeout } | undefined;

  /** `pid` is undefined for a process that is not ours. */
  constructor(pid: number | undefined) {
    this.#pid = pid;
  }

  get until(): Date | undefined {
    return this.#end?.at;
  }

  /** A stall that has begun takes the new end. Returns false if there is no process to stop. */
  begin(ms: number): boolean {
    if (!this.#signal("SIGSTOP")) return false;
    clearTimeout(this.#end?.timer);
    this.#end = { at: new Date(Date.now() + ms), timer: setTimeout(() => this.end(), ms) };
    return true;
  }

  end(): void {
    if (this.#end === undefined) return;
    clearTimeout(this.#end.timer);
    this.#end = undefined;
    this.#signal("SIGCONT");
  }

  #signal(signal: NodeJS.Signals): boolean {
    if (this.#pid === undefined) return false;
    try {
      return process.kill(this.#pid, signal);
    } catch {
      return false;
    }
  }
}
