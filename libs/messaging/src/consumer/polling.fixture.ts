import { randomUUID } from "node:crypto";
import { type FaultProxy, startFaultProxy } from "@doubleshot/local-aws";
import { Noted, type NotesAws, noteCommit } from "../../test/fixtures/notes-aws.fixture.ts";
import {
  type Message,
  on,
  type PollOptions,
  type PollTrouble,
  poll,
  type Settled,
  type Settlement,
  type Subscriber,
  subscriber,
} from "../index.ts";

export const until = { interval: 5 };

type Handler = (message: Message<{ text: string }>) => Promise<Settled>;

/** The polls of one test on a notes. */
export class Polls {
  readonly notes: NotesAws;
  /** Between a client and DynamoDB, for clients that are created with its URL. */
  readonly proxy: FaultProxy;
  #stop = new AbortController();
  readonly #polls: Promise<void>[] = [];

  private constructor(notes: NotesAws, proxy: FaultProxy) {
    this.notes = notes;
    this.proxy = proxy;
  }

  static async open(notes: NotesAws): Promise<Polls> {
    return new Polls(notes, await startFaultProxy(notes.aws.endpoints.dynamodb));
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Polls with a handler. The subscriber has a name of its own, so that tests do not share inbox rows. */
  startReaders(handler: Handler, options: Partial<PollOptions> = {}, outbox = this.notes.outbox) {
    const settled: Settlement[] = [];
    const troubles: PollTrouble[] = [];
    this.start(subscriber(`readers-${randomUUID()}`, outbox, [on(Noted, handler)]), {
      onSettled: (settlement) => settled.push(settlement),
      onTrouble: (trouble) => troubles.push(trouble),
      ...options,
    });
    return { settled, troubles };
  }

  start(sub: Subscriber, options: Partial<PollOptions> = {}): void {
    const { signal, notes } = this;
    const client = notes.longPolls(signal);
    this.#polls.push(poll(sub, { client, queueUrl: notes.queueUrl, signal, ...options }));
  }

  /** Tells the polls to stop, and returns their end. Others may begin afterwards. */
  stop(): Promise<unknown> {
    this.#stop.abort();
    this.#stop = new AbortController();
    return Promise.all(this.#polls.splice(0));
  }

  async close(): Promise<void> {
    this.proxy.inflict(() => "pass");
    await this.stop();
    await this.proxy.close();
  }

  async commitNotes(ids: readonly string[], versions: number): Promise<void> {
    const commitAll = async (id: string) => {
      for (let version = 0; version < versions; version++) {
        await this.notes.outbox.commit(noteCommit(id, `${id}:${version}`, version));
      }
    };
    await Promise.all(ids.map(commitAll));
  }
}
