import { poll, type Subscriber, withContext } from "@doubleshot/messaging";
import { createApp, type RunningService, requestContext, serve } from "@doubleshot/service-kit";
import { doubleshot, inOneSentence, preflight, queueUrl } from "@doubleshot/topology";
import { Hints } from "@doubleshot/waiting";
import type { RequestHandler } from "express";
import { orderMembers } from "./http/order-members.ts";
import { outageAsProblem } from "./http/outage-problem.ts";
import { type OrdersSetting, ordersContainer, tokens } from "./orders.module.ts";
import { PlaceOrder } from "./place-order/place-order.ts";

const queue = "orders-subscriber.fifo";
const deadLetterQueue = "orders-subscriber-dead.fifo";

/**
 * Opens the counter. From the signal on it is not ready and takes no more orders and no more messages; `drain` sends
 * waiting callers on, finishes what is in flight, and leaves nothing behind. @throws PreflightError, ConfigError: one sentence each.
 */
export async function startOrders(setting: OrdersSetting): Promise<RunningService> {
  const { config, clients, log } = setting;
  const { SHOP: shop, HOST: host, PORT: port, TRUST_PROXY: trustProxy } = config;
  await preflight({
    topology: doubleshot,
    shop,
    clients,
    tables: ["orders", "orders-outbox", "orders-inbox", "orders-requests", "orders-instances"],
    queues: [queue, deadLetterQueue],
  });
  const queues = await inOneSentence(async () => ({
    messages: await queueUrl(clients, shop, queue),
    dead: await queueUrl(clients, shop, deadLetterQueue),
  }));
  const container = ordersContainer(setting);
  const hints = container.get(Hints);
  // From here on AWS may be lost: hints, polling and requests wait for it.
  await hints.start();

  const draining = new AbortController();
  const closing = AbortSignal.any([draining.signal, ...(setting.signal ? [setting.signal] : [])]);
  const placeOrder = container.get(PlaceOrder);
  closing.addEventListener("abort", () => placeOrder.close(), { once: true });
  const apis = container.get(tokens.apis);
  const app = createApp({
    name: "orders",
    log,
    trustProxy,
    metrics: container.get(tokens.metrics),
    ready: () => !closing.aborted,
    document: {
      title: "Doubleshot orders",
      version: "1",
      description: "The customers' side: place orders, wait for them, follow them, take them back.",
      apis,
      problemMembers: orderMembers,
    },
    routes: (app) => app.use(carryCorrelation, ...apis.map(({ router }) => router), outageAsProblem),
  });
  const serving = await serve(app, { host, port, log }).catch(async (error: unknown) => {
    await hints.drain();
    throw error;
  });
  const consuming = config.CONSUME && consume(setting, container.get(tokens.subscriber), queues, closing);

  return {
    url: serving.url,
    drain: async () => {
      draining.abort();
      container.get(tokens.waiters).drain();
      await Promise.all([placeOrder.drain(), serving.close(), consuming]);
      // Last: handlers that have just finished still send hints.
      await hints.drain();
    },
  };
}

function consume(
  { clients, log }: OrdersSetting,
  orders: Subscriber,
  queues: { messages: string; dead: string },
  signal: AbortSignal,
): Promise<void> {
  return poll(orders, {
    client: clients.longPolls,
    queueUrl: queues.messages,
    deadLetters: { queueUrl: queues.dead },
    signal,
    onTrouble: ({ error, ...trouble }) => log.warn({ err: error, ...trouble }, "a message is not handled yet"),
  });
}

/** What an order causes, in whichever service, carries the id its request came with. */
const carryCorrelation: RequestHandler = (_request, _response, next) => {
  const context = requestContext();
  if (context === undefined) return next();
  return withContext({ correlationId: context.correlationId }, next);
};
