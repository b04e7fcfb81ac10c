import { setTimeout as delay } from "node:timers/promises";
import type { AwsClients } from "@doubleshot/topology";
import type { Hint } from "./hint.ts";
import { Instances } from "./instances.ts";
import type { HintLog } from "./log.ts";
import { HintMailbox, type Rhythm } from "./mailbox.ts";
import { Outgoing } from "./outgoing.ts";

/** How the instances of a service tell each other that something has changed. */
export abstract class Hints {
  /** Where hints for this process go, to be stored with what its callers wait for; undefined while it cannot get any. */
  abstract readonly address: string | undefined;
  /** The addresses of the other instances that are known to live. */
  abstract readonly peers: ReadonlySet<string>;
  /**
   * Sends a hint on the side: what it is about is committed, and nobody waits for it. One that cannot be delivered is
   * dropped, because a sweep of the table finds the change anyhow.
   */
  abstract send(address: string, hint: Hint): void;
  /** The same to every other instance that lives. */
  abstract broadcast(hint: Hint): void;
  /** After this, `address` is set, if AWS is there. */
  abstract start(): Promise<void>;
  /** Resolves when everything is sent and this process leaves nothing behind, or when AWS takes too long for that. */
  abstract drain(): Promise<void>;
}

export interface QueueHintsOptions {
  readonly clients: Pick<AwsClients, "documents" | "sqs" | "longPolls">;
  /** Physical name of the table with a row for each live instance. */
  readonly table: string;
  /** What the names of all hint queues begin with; the rest is the instance's id of 32 characters. */
  readonly queuePrefix: string;
  readonly log: HintLog;
  /** Told what one receive brought. Must not throw. */
  readonly onHints: (hints: readonly Hint[]) => void;
  /** Seconds without a sign of life after which an instance counts as gone. Default 60. */
  readonly lease?: number;
  readonly rhythm?: Rhythm;
  /**
   * Milliseconds after which a drain leaves the rest to the janitors of others. Default 2 s: the process has seconds to
   * stop, and one call to an AWS that says nothing takes longer than all of them.
   */
  readonly drainWithin?: number;
}

/**
 * Hints by one short-lived queue for each process.
 *
 * Whom a broadcast goes to is known beforehand: the instances in the table when this one opened, those that have said
 * hello since, and, in case a hello got lost, those in the table at each sign of life. An instance is in the table
 * before it reads who else is and says hello, so of two that open at the same time at least one knows the other.
 */
export class QueueHints extends Hints {
  readonly #instances: Instances;
  readonly #mailbox: HintMailbox;
  readonly #outgoing: Outgoing;
  readonly #log: HintLog;
  readonly #drainWithin: number;
  #peers = new Set<string>();

  constructor(options: QueueHintsOptions) {
    super();
    const { clients, table, queuePrefix, log, onHints, lease = 60, rhythm, drainWithin = 2_000 } = options;
    this.#log = log;
    this.#drainWithin = drainWithin;
    this.#instances = new Instances({ client: clients.documents, sqs: clients.sqs, table, queuePrefix, lease });
    this.#outgoing = new Outgoing({
      sqs: clients.sqs,
      queueName: (address) => this.#instances.queueName(address),
      onGone: (address) => this.#peers.delete(address),
      log,
    });
    this.#mailbox = new HintMailbox({
      clients,
      instances: this.#instances,
      log,
      onMessages: (messages) => {
        for (const { hello } of messages) if (hello !== undefined) this.#peers.add(hello);
        const hints = messages.flatMap((message) => message.hints);
        if (hints.length > 0) onHints(hints);
      },
      onOpened: async (address) => {
        await this.#meetPeers();
        for (const peer of this.#peers) this.#outgoing.send(peer, { hello: address });
      },
      onSignOfLife: () => this.#meetPeers(),
      ...(rhythm === undefined ? {} : { rhythm }),
    });
  }

  override get address(): string | undefined {
    return this.#mailbox.address;
  }

  override get peers(): ReadonlySet<string> {
    return this.#peers;
  }

  override start(): Promise<void> {
    return this.#mailbox.open();
  }

  override send(address: string, hint: Hint): void {
    this.#outgoing.send(address, { hints: [hint] });
  }

  override broadcast(hint: Hint): void {
    for (const peer of this.#peers) this.send(peer, hint);
  }

  override async drain(): Promise<void> {
    const done = Promise.all([this.#outgoing.sent(), this.#mailbox.close()]).then(() => true);
    if (await Promise.race([done, delay(this.#drainWithin, false, { ref: false })])) return;
    this.#log.warn(
      { address: this.address },
      "could not leave in time: the janitor of another instance removes the hint queue",
    );
  }

  async #meetPeers(): Promise<void> {
    const alive = new Set(await this.#instances.alive());
    if (this.address !== undefined) alive.delete(this.address);
    this.#peers = alive;
  }
}

/** No hints at all: the sweeps find every change. */
export class NoHints extends Hints {
  override readonly address = undefined;
  override readonly peers = new Set<string>();
  override send(): void {}
  override broadcast(): void {}
  override async start(): Promise<void> {}
  override async drain(): Promise<void> {}
}
