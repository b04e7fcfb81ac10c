import { type PollTrouble, poll } from "@doubleshot/messaging";
import { createApp, type Logger, processMetrics, type RunningService, serve } from "@doubleshot/service-kit";
import { type AwsClients, inOneSentence, queueUrl } from "@doubleshot/topology";
import { Hints } from "@doubleshot/waiting";
import { Container } from "inversify";
import { measureBar } from "./bar-metrics.ts";
import { baristaModule, tokens } from "./barista.module.ts";
import { Board } from "./board/board.ts";
import { ClaimTicket } from "./claims/claim-ticket.ts";
import { ReleaseClaim } from "./claims/release-claim.ts";
import { TellInstances } from "./claims/tell-instances.ts";
import type { Config } from "./config.ts";
import { barDocument } from "./http/bar-document.ts";
import { HandOver } from "./http/hand-over.ts";
import { outageAsProblem } from "./http/outage-problem.ts";
import { TicketNews } from "./ticket/ticket-news.ts";
import { TicketStore } from "./ticket/ticket-store.ts";

export interface Start {
  readonly config: Config;
  readonly clients: AwsClients;
  readonly log: Logger;
  /** Fires when the process is to stop, some time before it drains. */
  readonly signal?: AbortSignal;
}

/**
 * Opens the bar: orders come in from the queue, baristas come in by HTTP. From the signal on it is not ready, takes
 * no more of either, and answers baristas who wait; what they have in hand is still taken back. `drain` resolves when the
 * messages in hand and the requests in flight are done and nothing of this instance is left behind.
 */
export async function startBarista({ config, clients, log, signal }: Start): Promise<RunningService> {
  const container = new Container();
  const metrics = processMetrics();
  container.load(baristaModule({ config, clients, log, metrics }));
  const draining = new AbortController();
  const closing = AbortSignal.any([draining.signal, ...(signal ? [signal] : [])]);
  const claims = container.get(ClaimTicket);
  closing.addEventListener("abort", () => claims.close(), { once: true });
  const board = container.get(Board);
  const hints = container.get(Hints);
  container.get(TellInstances);
  measureBar(metrics, {
    store: container.get(TicketStore),
    bar: container.get(tokens.bar),
    news: container.get(TicketNews),
    claims,
    board,
  });
  const handOver = new HandOver(claims, container.get(ReleaseClaim), log);
  const document = barDocument(container, handOver);

  const app = createApp({
    name: "barista",
    log,
    ready: () => !closing.aborted,
    trustProxy: config.TRUST_PROXY,
    metrics,
    document,
    routes: (routes) => {
      routes.use(...document.apis.map(({ router }) => router), outageAsProblem);
    },
  });
  const queues = config.CONSUME ? await inOneSentence(() => subscriberQueues(clients, config.SHOP)) : undefined;
  // From here on AWS may be lost: hints, polling and requests wait for it.
  await hints.start();
  const serving = await serve(app, { host: config.HOST, port: config.PORT, log }).catch(async (error: unknown) => {
    await hints.drain();
    throw error;
  });
  const polling =
    queues === undefined
      ? Promise.resolve()
      : poll(container.get(tokens.subscriber), {
          client: clients.longPolls,
          queueUrl: queues.messages,
          deadLetters: { queueUrl: queues.dead },
          signal: closing,
          onSettled: (settlement) => log.debug(settlement, "message settled"),
          onTrouble: (trouble) => log.warn(troubleLine(trouble), "a message or the queue is in trouble"),
        });

  return {
    url: serving.url,
    drain: async () => {
      draining.abort();
      claims.close();
      board.close();
      await Promise.all([polling, serving.close()]);
      await handOver.settled();
      // Last: handlers and releases that have just finished still send hints.
      await hints.drain();
    },
  };
}

async function subscriberQueues(clients: AwsClients, shop: string) {
  return {
    messages: await queueUrl(clients, shop, "barista-subscriber.fifo"),
    dead: await queueUrl(clients, shop, "barista-subscriber-dead.fifo"),
  };
}

function troubleLine({ error, ...trouble }: PollTrouble) {
  return { err: error, ...trouble };
}
