import { randomUUID } from "node:crypto";
import type { ContractClients } from "./endpoint.ts";

export interface Unreliability {
  /** Number of transactions that take effect without an answer; later ones are answered. */
  readonly cutAnswers: number;
  /** Each try has another token, as if the endpoint did not know the one before. */
  readonly forgetsTokens: boolean;
  /** Runs after the first transaction has taken effect. */
  readonly meanwhile?: () => Promise<unknown>;
}

/** Loses the answers to transactions in the client, after they have arrived, so it works on any endpoint. */
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
    // Before the fake's own step, after which no step runs.
    { step: "initialize", priority: "high", name: "unreliable" },
  );
  return seen;
}
