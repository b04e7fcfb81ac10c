/** About a kilobyte each. The aggregate that was kept first gives way. */
const maxStates = 1_000;

/** Keeps states that this process committed, so that the next change to one of them can do without a read. */
export class RecentStates<State extends { readonly id: string }> {
  readonly #states = new Map<string, State>();

  keep(state: State): void {
    this.#states.delete(state.id);
    this.#states.set(state.id, state);
    if (this.#states.size <= maxStates) return;
    const [first = ""] = this.#states.keys();
    this.#states.delete(first);
  }

  /** Returns the state once: a state that proved old is not found again. */
  take(id: string): State | undefined {
    const state = this.#states.get(id);
    this.#states.delete(id);
    return state;
  }
}
