import { AsyncLocalStorage } from "node:async_hooks";

/** Why something happens: carried by every event committed while it is in force. */
export interface MessageContext {
  /** Names the whole story: every event that follows from one request carries the same one. */
  readonly correlationId: string;
  /** The id of the message that is being handled; absent where a story begins. */
  readonly causationId?: string;
}

const storage = new AsyncLocalStorage<MessageContext>();

/** Runs `work` so that events committed inside it carry the given ids. Handlers run inside one by themselves. */
export function withContext<T>(context: MessageContext, work: () => T): T {
  return storage.run(context, work);
}

export function currentContext(): MessageContext | undefined {
  return storage.getStore();
}
