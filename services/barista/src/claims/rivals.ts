import { hash } from "node:crypto";
import type { Hint, Hints } from "@doubleshot/waiting";
import type { Preference } from "./waiting-line.ts";

/** For so long an instance that has just claimed something is taken to be at it. */
const memoryMilliseconds = 1_000;

/**
 * Instances that claim at the same time read the same line, and all but one lose each ticket they try for. So while
 * others have just been seen to claim (by a hint, or by losing to them), an instance takes first those tickets near the
 * head of the line that are its own by lot: a ticket falls to the instance whose address and its id give the highest
 * hash, which each can tell without asking. When nobody else claims, the line is served strictly in order.
 */
export class Rivals {
  readonly #hints: Pick<Hints, "address" | "peers">;
  #seenAt = Number.NEGATIVE_INFINITY;

  constructor(hints: Pick<Hints, "address" | "peers">) {
    this.#hints = hints;
  }

  heard(hints: readonly Hint[]): void {
    if (hints.some(({ status }) => status === "STARTED")) this.seen();
  }

  seen(): void {
    this.#seenAt = performance.now();
  }

  /** What to take first when so many baristas ask; `undefined`: what is first in line. */
  preference(baristas: number): Preference | undefined {
    const { address, peers } = this.#hints;
    if (address === undefined || peers.size === 0 || performance.now() - this.#seenAt > memoryMilliseconds) {
      return undefined;
    }
    return {
      // Twice as many as all can take: each then finds enough of its own there.
      among: 2 * baristas * (peers.size + 1),
      prefers: ({ id }) => {
        const ours = lot(address, id);
        return [...peers].every((peer) => lot(peer, id) < ours);
      },
    };
  }
}

const lot = (address: string, id: string): string => hash("sha1", `${address}#${id}`);
