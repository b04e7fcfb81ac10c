import { randomUUID } from "node:crypto";
import type { ContractClients } from "./endpoint.ts";

export interface Unreliability {
  /** How many transactions take effect without an answer, before the answers get through. */
  readonly cutAnswers: number;
  /** Each try comes under a token of its own, as if the endpoint had forgotten the one before. */
  readonly forgetsTokens: boolean;
  /** Runs after the first transaction took effect. */
  readonly meanwhile?: () => Promise<unknown>;
}

/** Makes the answers to transactions get lost, on any endpoint: in the client, after they have arrived. */
export function unreliable(clients: ContractClients, { cutAnswers, forgetsTokens, meanwhile }: Unreliability) {
  const seen = { sent: 0 };
  clients.documents.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName !== "TransactWriteItemsCommand") return next(args);
        seen.sent += 1;
        const cut = seen.sent <= cutAnswers;
        const first = seen.sent === 1;
        const input = forgetsTokens ? { ...args.input, ClientRequestToken: randomUUID() } : args.input;
        const answer = await next({ ...args, input }).catch((error: unknown) => {
          if (!cut) throw error;
        });
        if (first) await meanwhile?.();
        if (answer === undefined || cut)
          throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET", $metadata: {} });
        return answer;
      },
    // Before the fake's own step, which goes no further.
    { step: "initialize", priority: "high", name: "unreliable" },
  );
  return seen;
}
