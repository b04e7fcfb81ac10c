import { AsyncLocalStorage } from "node:async_hooks";
import { checkOptions, optional, type Rules, text } from "../options/index.ts";

/** Ids that every event carries whose commit runs inside `withContext`. */
export interface MessageContext {
  /** Identifies the request: all events that follow from it carry the same id. Not empty. */
  readonly correlationId: string;
  /** The id of the handled message; absent for the first events of a request. */
  readonly causationId?: string;
  /**
   * W3C trace context of the commit that began the story, for a commit that another trace makes: its span links there. The
   * `traceparent` of a message is one.
   */
  readonly traceparent?: string;
}

const storage = new AsyncLocalStorage<MessageContext>();

/** Readers reject a message with an empty id. */
const id = text("text that is not empty", /./s);

const rules: Rules<MessageContext> = { correlationId: id, causationId: optional(id), traceparent: optional(id) };

/**
 * Runs `work`. Events committed inside it carry the given ids. A handler runs in the context of its message.
 * @throws TypeError when an id is empty or not text.
 */
export function withContext<T>(context: MessageContext, work: () => T): T {
  checkOptions("withContext", context, rules);
  return storage.run(context, work);
}

export function currentContext(): MessageContext | undefined {
  return storage.getStore();
}
