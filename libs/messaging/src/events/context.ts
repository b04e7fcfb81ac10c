import { AsyncLocalStorage } from "node:async_hooks";
import { checkOptions, optional, type Rules, text } from "../runtime/index.ts";

/** Why something happens: carried by every event committed while it is in force. */
export interface MessageContext {
  /** Names the whole story: every event that follows from one request carries the same one. Not empty. */
  readonly correlationId: string;
  /** The id of the message that is being handled; absent where a story begins. */
  readonly causationId?: string;
}

const storage = new AsyncLocalStorage<MessageContext>();

/** An empty id would be committed, and its readers would refuse the message. */
const id = text("text that is not empty", /./s);

const rules: Rules<MessageContext> = { correlationId: id, causationId: optional(id) };

/**
 * Runs `work` so that events committed inside it carry the given ids. Handlers run inside one by themselves.
 * @throws TypeError when an id is no text or empty.
 */
export function withContext<T>(context: MessageContext, work: () => T): T {
  checkOptions("withContext", context, rules);
  return storage.run(context, work);
}

export function currentContext(): MessageContext | undefined {
  return storage.getStore();
}
