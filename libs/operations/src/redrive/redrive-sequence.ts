/**
 * Decides in which order the dead letters of one aggregate are sent back. The queue is not always in order: a message that
 * was redriven and failed again is behind messages that once followed it. An aggregate is in one of two states:
 * - listed  each of its messages is moved to the end of the queue once, until the first of them returns
 * - known   all sequences are known; the message with the lowest is sent, any other is moved to the end of the queue.
 *           Messages that arrive later are added
 */
export class RedriveSequence {
  #known = false;
  /** Sequences of the messages that are still to be sent, ascending; one for each message, copies included. */
  readonly #waiting: string[] = [];

  /** Decides about a received message. `hasReturned`: this run has moved it to the end before. */
  next(sequence: string, hasReturned: boolean): "send" | "move-to-end" {
    if (hasReturned) this.#known = true;
    else this.#add(sequence);
    if (!this.#known) return "move-to-end";
    return sequence <= (this.#waiting[0] ?? sequence) ? "send" : "move-to-end";
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
