import { pace } from "../replay/pace.ts";
import type { Shop } from "../shop.ts";
import { BlockedMarkers } from "./blocked-markers.ts";
import { deadQueues } from "./dead-letters.ts";
import type { DeadQueue, DeadQueueKind, HeldLetter } from "./dead-queue.ts";
import { RedriveSequence } from "./redrive-sequence.ts";

export interface RedriveOptions {
  /** Only this subscriber's dead letters. Default: those of all. */
  readonly subscriber?: string | undefined;
  /** Only this aggregate's dead letters. Default: all. */
  readonly aggregate?: string | undefined;
  readonly from?: DeadQueueKind;
  /** Ids of dead letters that are deleted for good instead of sent back. */
  readonly drop?: readonly string[] | undefined;
  /** Letters a second. Default: no limit. */
  readonly rate?: number | undefined;
  /** Time to wait for dead letters that are known to exist but not visible yet. Default 20,000. */
  readonly patienceMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onSent?: (sent: { readonly aggregate: string; readonly type: string }) => void;
}

export interface RedriveResult {
  readonly subscriber: string;
  readonly aggregate: string;
  readonly sent: number;
  readonly dropped: number;
  /**
   * - redriven      all dead letters are sent back, and the aggregate is released
   * - failed-again  the subscriber gave one up again, or another run has taken over; the rest stays
   * - unfinished    the aggregate is still blocked, because a dead letter did not appear
   */
  readonly outcome: "redriven" | "failed-again" | "unfinished";
  readonly reason?: string;
}

/**
 * Sends dead letters back to their subscriber, in order for each aggregate.
 *
 * An aggregate goes through these states:
 * - open          from its first dead letter, or immediately if the options name it and it is blocked. Its dead letters are
 *                 sent in order (see `redrive-sequence.ts`) under the name of this run, which its marker lets pass. New messages
 *                 still follow into the dead-letter queue, and this run receives them there
 * - redriven      the queue shows no more of it, and its marker is deleted. A marker is deleted if it names a dead letter of
 *                 this run, or after `patienceMs` if the queues are empty; otherwise another dead letter is on its way here
 * - failed-again  its marker has lost the name of this run: a dead letter failed again, or another run has taken over. The rest
 *                 stays in the queue, and the next run puts it in order
 * - unfinished    the dead letter that its marker names has not appeared within `patienceMs`, and it stays blocked
 */
export async function redrive(shop: Shop, options: RedriveOptions = {}): Promise<RedriveResult[]> {
  const { subscriber, from = "dead" } = options;
  const queues = await deadQueues(shop, [from], subscriber);
  const runs = await Promise.allSettled(queues.map((queue) => new RedriveRun(shop, queue, options).run()));
  const failed = runs.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
  return runs.flatMap((run) => (run.status === "fulfilled" ? run.value : []));
}

interface Group {
  readonly sequence: RedriveSequence;
  /** SQS sequence numbers of the dead letters sent or dropped. When none is left, the marker's last one is among them. */
  readonly done: string[];
  dropped: number;
  state: "open" | RedriveResult["outcome"];
  allowed: boolean;
  reason?: string;
}

class RedriveRun {
  readonly #name = crypto.randomUUID();
  readonly #queue: DeadQueue;
  readonly #markers: BlockedMarkers;
  readonly #options: RedriveOptions;
  readonly #turn: () => Promise<void>;
  readonly #groups = new Map<string, Group>();
  /** Letters that stay here, held so that the queue shows those behind them. By message id. */
  readonly #kept = new Map<string, HeldLetter>();

  constructor(shop: Shop, queue: DeadQueue, options: RedriveOptions) {
    this.#queue = queue;
    this.#markers = new BlockedMarkers(shop, queue.subscriber);
    this.#options = options;
    this.#turn = pace(options.rate, options.signal);
  }

  get #passMarkers(): boolean {
    return this.#queue.from === "dead";
  }

  async run(): Promise<RedriveResult[]> {
    const { aggregate, patienceMs = 20_000, signal } = this.#options;
    const isBlocked = async (group: string) => (await this.#markers.get(group)) !== undefined;
    if (aggregate !== undefined && this.#passMarkers && (await isBlocked(aggregate))) this.#enter(aggregate);
    let quietSince = performance.now();
    try {
      for (;;) {
        signal?.throwIfAborted();
        const letters = await this.#queue.receive(1);
        for (const [index, held] of letters.entries()) await this.#take(held, letters.slice(index));
        if (letters.length > 0) quietSince = performance.now();
        else if (await this.#close(performance.now() - quietSince > patienceMs)) {
          await this.#checkReleased();
          return this.#results();
        }
      }
    } finally {
      await this.#queue.giveBack([...this.#kept.values()]);
    }
  }

  #enter(aggregate: string): Group {
    const known = this.#groups.get(aggregate);
    if (known !== undefined) return known;
    const group: Group = { sequence: new RedriveSequence(), done: [], dropped: 0, state: "open", allowed: false };
    this.#groups.set(aggregate, group);
    return group;
  }

  /** @param batch the dead letter and those received behind it, which are held as well when it fails. */
  async #take(held: HeldLetter, batch: readonly HeldLetter[]): Promise<void> {
    const { letter } = held;
    const { aggregate = letter.aggregate } = this.#options;
    const group = aggregate === letter.aggregate ? this.#enter(aggregate) : undefined;
    try {
      if (group?.state === "redriven") diedAgain(group, letter.error);
      if (group === undefined || group.state !== "open") this.#keep(held);
      else await this.#sendInOrder(held, group);
    } catch (error) {
      for (const left of batch) this.#keep(left);
      throw error;
    }
  }

  async #sendInOrder(held: HeldLetter, group: Group): Promise<void> {
    const { letter } = held;
    const place = `${letter.source} ${letter.sequence}`;
    if (group.sequence.next(place, this.#queue.wasMovedBy(held, this.#name)) === "move-to-end") {
      await this.#queue.moveToEnd(held, this.#name);
      return;
    }
    await this.#turn();
    if (!(await this.#mayPass(letter.aggregate, group))) {
      this.#keep(held);
      return;
    }
    if (this.#options.drop?.includes(letter.id)) {
      await this.#queue.remove(held);
      group.dropped += 1;
    } else {
      await this.#queue.sendBack(held, this.#name);
      this.#options.onSent?.({ aggregate: letter.aggregate, type: letter.type });
    }
    group.sequence.sent(place);
    group.done.push(held.message.MessageAttributes?.sequence?.StringValue ?? "");
  }

  /** Returns whether the marker lets dead letters of this run pass, and stops the group if it does not. */
  async #mayPass(aggregate: string, group: Group): Promise<boolean> {
    if (!this.#passMarkers) return true;
    if (!group.allowed) await this.#markers.allow(aggregate, this.#name);
    group.allowed = true;
    const marker = await this.#markers.get(aggregate);
    if (marker === undefined || marker.redrive === this.#name) return true;
    group.state = "failed-again";
    group.reason =
      marker.redrive === undefined ? `${marker.error.name}: ${marker.error.message}` : "another run has taken it over";
    return false;
  }

  #keep(held: HeldLetter): void {
    this.#kept.set(held.message.MessageId ?? "", held);
  }

  /** The queue shows nothing: closes groups. Returns true when no group is open. */
  async #close(outOfPatience: boolean): Promise<boolean> {
    const { inHand, waiting } = await this.#queue.count();
    // Letters behind held ones are not visible, and not for this run to send.
    const elsewhere = inHand > this.#kept.size || (this.#kept.size === 0 && waiting > 0);
    if (elsewhere && !outOfPatience) return false;
    for (const [aggregate, group] of this.#groups) {
      if (group.state === "open") await this.#closeGroup(aggregate, group, { elsewhere, outOfPatience });
    }
    return [...this.#groups.values()].every(({ state }) => state !== "open");
  }

  async #closeGroup(
    aggregate: string,
    group: Group,
    { elsewhere, outOfPatience }: { elsewhere: boolean; outOfPatience: boolean },
  ): Promise<void> {
    if (!(await this.#mayPass(aggregate, group))) return;
    const marker = this.#passMarkers ? await this.#markers.get(aggregate) : undefined;
    // A dead letter in no queue was deleted by hand, or redriven by a run that then died. Do not wait for it.
    const gone = outOfPatience && !elsewhere && (await this.#queue.subscriberQueueIsEmpty());
    if (marker === undefined) group.state = "redriven";
    else if (group.done.includes(marker.upTo) || gone) {
      if (await this.#markers.release(aggregate, this.#name, marker.upTo)) group.state = "redriven";
    } else if (outOfPatience) {
      group.state = "unfinished";
      group.reason =
        "a dead letter that its marker names has not appeared: run it again when the subscriber's queue is empty";
    }
  }

  /** Checks the released groups again: a dead letter may have died while others were open. */
  async #checkReleased(): Promise<void> {
    if (!this.#passMarkers) return;
    for (const [aggregate, group] of this.#groups) {
      const marker = group.state === "redriven" ? await this.#markers.get(aggregate) : undefined;
      if (marker !== undefined) diedAgain(group, `${marker.error.name}: ${marker.error.message}`);
    }
  }

  #results(): RedriveResult[] {
    return [...this.#groups].map(([aggregate, { done, dropped, state, reason }]) => ({
      subscriber: this.#queue.subscriber.name,
      aggregate,
      sent: done.length - dropped,
      dropped,
      outcome: state === "open" ? "unfinished" : state,
      ...(reason === undefined ? {} : { reason }),
    }));
  }
}

function diedAgain(group: Group, reason: string): void {
  group.state = "failed-again";
  group.reason = reason;
}
