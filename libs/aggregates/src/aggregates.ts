import {
  type Committed,
  ignore,
  type Message,
  type MessageContext,
  type Outbox,
  type CommitOptions as OutboxCommitOptions,
  type PendingEvent,
  type Refused,
  retryConflicts,
  type Save,
  type Settled,
  type Write,
  withContext,
} from "@doubleshot/messaging";
import { RecentStates } from "./recent-states.ts";

/** The state of an aggregate, as its table holds it. */
export interface AggregateState {
  readonly id: string;
  /** How often the aggregate has been committed: the optimistic lock. 0 before the first commit. */
  readonly version: number;
}

/** A decision of an aggregate: pure data, made without I/O. */
export interface Decision<State> {
  readonly outcome: string;
  /** The new state, at the version that was loaded. Without one there is nothing to commit. */
  readonly state?: State;
  readonly events?: readonly PendingEvent[];
}

type Change<State> = Decision<State> & { readonly state: State };

/** A decision of an aggregate on a message. */
export interface MessageDecision<State> extends Decision<State> {
  /** Why the message changes nothing; the inbox row keeps it. Default: the outcome. */
  readonly reason?: string;
  /** Writes beside the state, in the same commit. They have no condition that may fail. */
  readonly writes?: readonly Write[];
  /** A write beside the state that has such a condition. */
  readonly guarded?: GuardedWrite<State>;
}

interface GuardedWrite<State> {
  readonly write: Write;
  /** Decides the message when the condition failed, on the item that was found. Nothing was written then. */
  readonly refused: (found: Refused["found"]) => MessageDecision<State>;
}

export interface Changed<State, Chosen> {
  /** A decision that was committed has the state at its new version. */
  readonly decision: Chosen;
  /** The state in the table: the committed one, or the one that the decision was made on. */
  readonly state: State;
}

/** There is no such aggregate. */
export interface NotFound {
  readonly decision: { readonly outcome: "unknown" };
  readonly state: undefined;
}

export interface CommittedChange<State> {
  readonly outcome: string;
  readonly state: State;
  /** Undefined for a new aggregate, and for a commit that did not load one. */
  readonly before: State | undefined;
}

export interface AggregatesOptions<State extends AggregateState> {
  readonly outbox: Outbox;
  readonly store: {
    /** Strongly consistent. */
    get(id: string): Promise<State | undefined>;
    save(state: State): Save;
  };
  /** The aggregate's name in the outbox: `<kind>#<id>`. */
  readonly nameOf: (id: string) => string;
  /** Called after each commit of this process. Must not throw. */
  readonly onCommitted: (change: CommittedChange<State>) => void;
  /**
   * Called when a message was handled before, or changes nothing: the process that committed its change may have died
   * before its `onCommitted` had an effect. The state may be older than the one in the table. Must not throw.
   */
  readonly onRepeated?: (state: State) => void;
  /** The ids that the events of a commit outside of messages carry on. Default: the current ones. */
  readonly contextOf?: (state: State) => MessageContext;
  /** Keeps a committed state in memory, because this process often makes the next change, too. Default: none. */
  readonly keeps?: (state: State) => boolean;
}

/** Whether the first attempt decides without a read. `kept` is undefined if this process keeps no state of the aggregate. */
type DecidesWithoutRead<State> = (kept: State | undefined) => boolean;

/**
 * Changes aggregates of one type: load, decide, commit, notify. A conflict with another commit begins again at the load.
 *
 * The first attempt may use a state from the memory of this process, and then saves a read: the commit's version check
 * proves that the state is current. A decision without a commit has no such proof, so it is always made on a read.
 */
export class Aggregates<State extends AggregateState> {
  readonly #options: AggregatesOptions<State>;
  readonly #kept = new RecentStates<State>();

  constructor(options: AggregatesOptions<State>) {
    this.#options = options;
  }

  /**
   * Loads, decides, commits and notifies. Safe to repeat.
   * @throws ConcurrencyConflictError after ten conflicts, CommitOutcomeUnknownError, and the errors of an outage.
   */
  async change<Chosen extends Decision<State>>(
    id: string,
    decide: (state: State) => Chosen,
  ): Promise<Changed<State, Chosen> | NotFound> {
    const decideIfFound = (state: State | undefined) => state && decide(state);
    return retryConflicts(
      this.#loader(id, decideIfFound, isKept),
      decideIfFound,
      async (decision, before): Promise<Changed<State, Chosen> | NotFound> => {
        if (decision === undefined || before === undefined) return notFound;
        if (!this.#isChange(decision)) return { decision, state: before };
        await this.commit(decision, { before });
        const state = atNextVersion(decision.state);
        return { decision: { ...decision, state }, state };
      },
      { clock: this.#options.outbox.clock },
    );
  }

  /**
   * The same in the handler of a message, in one commit with the inbox row.
   * @param decidesWithoutRead Whether the first attempt may decide without a read. Default: if this process keeps the state.
   */
  async handle(
    message: Pick<Message<unknown>, "commit">,
    id: string,
    decide: (state: State | undefined) => MessageDecision<State>,
    decidesWithoutRead: DecidesWithoutRead<State> = isKept,
  ): Promise<Settled> {
    return retryConflicts(
      this.#loader(id, decide, decidesWithoutRead),
      decide,
      (decision, before) => this.#settle(message, id, decision, before),
      // One attempt without a read and one with it. `on` runs the handler again after further conflicts.
      { attempts: 2, clock: this.#options.outbox.clock },
    );
  }

  /**
   * Commits once, without a load. @throws ConcurrencyConflictError when the table holds another version.
   * @returns `refused` when the condition of one of the `guarded` writes failed; nothing was written then.
   */
  async commit<const Names extends string = never>(
    decision: Change<State>,
    { before, guarded, ...limits }: CommitOptions<State, Names> = {},
  ): Promise<Committed | Refused<Names>> {
    const { outbox, store, nameOf, contextOf } = this.#options;
    const { state, events = [] } = decision;
    const commit = () => {
      const parts = { aggregate: nameOf(state.id), save: store.save(state), events };
      return guarded === undefined ? outbox.commit(parts, limits) : outbox.commit({ ...parts, guarded }, limits);
    };
    const result = await (contextOf === undefined ? commit() : withContext(contextOf(state), commit));
    if (result.outcome === "committed") this.committed(decision, before);
    return result as Committed | Refused<Names>;
  }

  /**
   * The decision is in the table: keeps its state and notifies. Call it for a commit whose outcome `commit` could not find out.
   */
  committed({ outcome, state: committed }: Change<State>, before?: State): void {
    const { keeps, onCommitted } = this.#options;
    const state = atNextVersion(committed);
    if (keeps?.(state)) this.#kept.keep(state);
    else this.#kept.take(state.id);
    onCommitted({ outcome, state, before });
  }

  async #settle(
    message: Pick<Message<unknown>, "commit">,
    id: string,
    decision: MessageDecision<State>,
    before: State | undefined,
  ): Promise<Settled> {
    const { store, nameOf, onRepeated } = this.#options;
    if (!this.#isChange(decision)) {
      if (before !== undefined) onRepeated?.(before);
      return ignore(decision.reason ?? decision.outcome);
    }
    const { state, events = [], writes = [], guarded } = decision;
    const parts = { aggregate: nameOf(id), save: store.save(state), events, writes };
    const result = await (guarded === undefined
      ? message.commit(parts)
      : message.commit({ ...parts, guarded: { condition: guarded.write } }));
    if (result.outcome === "refused") {
      return this.#settle(message, id, guarded?.refused(result.found) ?? { outcome: "refused" }, before);
    }
    if (result.outcome === "committed") this.committed(decision, before);
    else onRepeated?.(atNextVersion(state));
    return result;
  }

  #isChange<Chosen extends Decision<State>>(decision: Chosen): decision is Chosen & Change<State> {
    return decision.state !== undefined;
  }

  /** The loads of consecutive attempts. */
  #loader(
    id: string,
    decide: (state: State | undefined) => Decision<State> | undefined,
    decidesWithoutRead: DecidesWithoutRead<State>,
  ): () => Promise<State | undefined> {
    const kept = this.#kept.take(id);
    let useKept = decidesWithoutRead(kept) && decide(kept)?.state !== undefined;
    return async () => {
      if (!useKept) return this.#options.store.get(id);
      useKept = false;
      return kept;
    };
  }
}

interface CommitOptions<State, Names extends string> extends OutboxCommitOptions {
  /** The state that was loaded, for `onCommitted`. */
  readonly before?: State;
  readonly guarded?: { readonly [Name in Names]: Write };
}

const notFound: NotFound = { decision: { outcome: "unknown" }, state: undefined };

const isKept = (kept: unknown): boolean => kept !== undefined;

/** The state as the table holds it after its commit. */
export function atNextVersion<State extends AggregateState>(state: State): State {
  return { ...state, version: state.version + 1 };
}
