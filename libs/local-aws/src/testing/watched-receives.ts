import { type AwsClients, createAwsClients } from "@doubleshot/topology";
import type { LocalAws } from "../local-aws.ts";

export interface WatchedReceives extends Disposable {
  readonly clients: AwsClients;
  /** Receives of the queue that are under way at this moment. */
  readonly underWay: () => number;
}

/** Clients of this AWS that show a test whether a queue is being polled. */
export function watchedReceives({ endpoints }: Pick<LocalAws, "endpoints">, queue: string): WatchedReceives {
  const clients = createAwsClients({ endpoints });
  let underWay = 0;
  clients.longPolls.middlewareStack.add(
    (next) => async (call) => {
      const { QueueUrl = "" } = call.input as { QueueUrl?: string };
      if (!QueueUrl.endsWith(queue)) return next(call);
      underWay += 1;
      return next(call).finally(() => {
        underWay -= 1;
      });
    },
    { step: "initialize" },
  );
  return { clients, underWay: () => underWay, [Symbol.dispose]: () => clients.destroy() };
}
