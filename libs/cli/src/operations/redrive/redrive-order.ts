/*
 * A dead-letter queue is not always in order: a message that was redriven and failed again comes back behind those that
 * were once behind it. So an aggregate is *surveyed* first: each of its letters is moved to the end of the queue once,
 * until the first of them comes round again. By then every sequence is known and the aggregate is *known*: the letter
 * with the lowest is sent back, any other waits for its turn at the end of the queue. Letters that arrive meanwhile are
 * added to what is known.
 */
export class RedriveOrder {
  #known = false;
  /** Sequences of the letters that are still to be sent, ascending; one for each letter, copies included. */
  readonly #waiting: string[] = [];

  /** What to do with the letter that the queue has handed out. */
  next(sequence: string, hasComeRound: boolean): "send" | "to the end" {
    if (hasComeRound) this.#known = true;
    else this.#add(sequence);
    if (!this.#known) return "to the end";
    return sequence <= (this.#waiting[0] ?? sequence) ? "send" : "to the end";
  }

  sent(sequence: string): void {
    const index = this.#waiting.indexOf(sequence);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  #add(sequence: string): void {
    const behind = this.#waiting.findIndex((other) => other > sequence);
    this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, sequence);
  }
}
