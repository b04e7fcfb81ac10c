import type { HiddenMessage } from "../../src/testing/sqs/fake-queue.ts";

/** The pager's visibility timeout. */
export const pagerVisibilitySeconds = 15;

/** Checks how long the pager's messages are hidden by a receive, by a heartbeat, or by a release with a delay. */
export class HiddenMessages {
  /** Receipts of released messages. */
  readonly #released = new Set<string>();
  readonly #tooLong: string[] = [];
  readonly #hiddenAgain: string[] = [];

  observe({ queue, seconds, receiveCount, receipt, how }: HiddenMessage): void {
    if (queue !== "pager.fifo") return;
    // The delay of a release doubles with each receive: 2 seconds, 4, 8 and so on.
    const maxSeconds = Math.max(pagerVisibilitySeconds, how === "changed" ? 2 ** receiveCount : 0);
    if (seconds > maxSeconds)
      this.#tooLong.push(`${receipt} was hidden for ${seconds} s, and should be for ${maxSeconds} s at most`);
    if (how === "handed-out") return;
    if (this.#released.has(receipt)) this.#hiddenAgain.push(`${receipt} was hidden again after its release`);
    if (seconds !== pagerVisibilitySeconds) this.#released.add(receipt);
  }

  /** @param someWereLate whether a heartbeat may have taken effect after its caller had timed out. */
  findings(someWereLate: boolean): readonly string[] {
    return someWereLate ? this.#tooLong : [...this.#tooLong, ...this.#hiddenAgain];
  }
}
