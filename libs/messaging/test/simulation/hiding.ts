import type { HiddenMessage } from "../../src/testing/sqs/fake-queue.ts";

/** Seconds that the pager keeps a message hidden between two heartbeats. */
export const pagerVisibility = 15;

/** How long the pager's messages are hidden, and by what: it is a receive or a heartbeat, or the message is given back. */
export class Hiding {
  /** Receipts of messages that were given back. */
  readonly #givenBack = new Set<string>();
  readonly #tooLong: string[] = [];
  readonly #hiddenAgain: string[] = [];

  observe({ queue, seconds, receiveCount, receipt, how }: HiddenMessage): void {
    if (queue !== "pager.fifo") return;
    // Given back after its n-th receive, for two seconds, four, eight and so on.
    const most = Math.max(pagerVisibility, how === "changed" ? 2 ** receiveCount : 0);
    if (seconds > most)
      this.#tooLong.push(`${receipt} was hidden for ${seconds} s, and should be for ${most} s at most`);
    if (how === "handed out") return;
    if (this.#givenBack.has(receipt))
      this.#hiddenAgain.push(`${receipt} was hidden again after it had been given back`);
    if (seconds !== pagerVisibility) this.#givenBack.add(receipt);
  }

  /** @param someWereLate whether a heartbeat may have come after its caller had given it up. */
  findings(someWereLate: boolean): readonly string[] {
    return someWereLate ? this.#tooLong : [...this.#tooLong, ...this.#hiddenAgain];
  }
}
