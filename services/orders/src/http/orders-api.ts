import { Api, Problem } from "@doubleshot/service-kit";
import type { Response } from "express";
import { z } from "zod";
import type { Admission } from "../admission.ts";
import type { CancelOrder } from "../cancel-order.ts";
import { listOrders } from "../list-orders.ts";
import { isFinal, type Order, orderStatuses } from "../order.ts";
import { orderJson, orderRequestJson, toOrderJson } from "../order-json.ts";
import type { OrderStore } from "../order-store.ts";
import type { Placed, PlaceOrder } from "../place-order.ts";
import type { Watch, WatchOrder } from "../watch-order.ts";
import { readCursor, toCursor } from "./cursor.ts";
import { followOrder } from "./follow-order.ts";
import { isKnown, orderTag } from "./order-tag.ts";
import { limitProblems, type RateLimitFields, rateLimitHeaders } from "./rate-limit-fields.ts";
import { askHeaders, goneSignal, preferHeader, readAsk } from "./read-ask.ts";
import { limited, noSuchOrder, orderPath, refusal } from "./refusals.ts";
import { applied, patience } from "./waiting.ts";

export interface OrdersApiOptions {
  readonly placeOrder: PlaceOrder;
  readonly cancelOrder: CancelOrder;
  readonly watchOrder: WatchOrder;
  readonly admission: Admission;
  readonly store: OrderStore;
  readonly rateLimit: RateLimitFields;
}

/** Orders as a resource: place one, see how it goes, wait for it, follow it, take it back. */
export function ordersApi(options: OrdersApiOptions): Api {
  const api = new Api("orders");
  placing(api, options);
  listing(api, options);
  reading(api, options);
  following(api, options);
  cancelling(api, options);
  return api;
}

const orderParams = z.object({ id: z.string().describe("As `POST /orders` gave it.") });
const where = { Location: "Where the order is." };
const preferred = { "Preference-Applied": "What of `Prefer` was followed." };
const notThere = { 404: "There is no such order." };
const full = { 503: limitProblems[503] };

function placing(api: Api, { placeOrder, store, rateLimit }: OrdersApiOptions): void {
  api.handle(
    {
      id: "placeOrder",
      method: "post",
      path: "/orders",
      summary: "Order, and look later",
      headers: askHeaders,
      body: { schema: orderRequestJson, others: "refused" },
      answers: {
        200: { description: "With `Prefer: wait=N`: the order is final.", schema: orderJson, headers: preferred },
        201: { description: "The order is placed.", schema: orderJson, headers: { ...rateLimitHeaders, ...where } },
        202: {
          description: "With `Prefer: respond-async` or `wait=N`: the order is placed, and not final yet.",
          schema: orderJson,
          headers: { ...where, ...preferred },
        },
      },
      problems: { 422: "The `Idempotency-Key` stands for another request.", ...limitProblems },
    },
    async (asked, response) => {
      const ask = readAsk(asked, response);
      const wait = patience(asked.headers.prefer);
      if (wait.within === undefined) {
        const placed = await placeOrder.place(ask);
        response.set(rateLimit(ask.caller));
        const order = await orderOf(placed, store);
        response.status(201).location(orderPath(order.id)).json(toOrderJson(order));
        return;
      }
      const result = await placeOrder.placeAndWait(ask, wait.within);
      response.set({ ...rateLimit(ask.caller), ...applied(wait) });
      if (result.outcome !== "served" && result.outcome !== "not yet") throw refusal(result);
      const { order } = result;
      response
        .status(isFinal(order) ? 200 : 202)
        .location(orderPath(order.id))
        .json(toOrderJson(order));
    },
  );
}

function listing(api: Api, { store }: OrdersApiOptions): void {
  api.handle(
    {
      id: "listOrders",
      method: "get",
      path: "/orders",
      summary: "Orders of the last 31 days, newest first",
      description:
        "A page may hold fewer orders than asked for, or none, while there are more: go on as long as there is a `next`.",
      query: z.object({
        status: z.enum(orderStatuses).optional(),
        limit: z.coerce.number().int().min(1).max(100).default(20),
        cursor: z.string().max(200).optional().describe("From `next` of the page before."),
      }),
      answers: {
        200: {
          description: "A page.",
          schema: z.object({ orders: z.array(orderJson), next: z.string().optional() }),
          headers: { Link: 'The next page, as `rel="next"`.' },
        },
      },
    },
    async ({ query: { status, limit, cursor } }, response) => {
      const page = await listOrders(store, {
        limit,
        now: new Date(),
        ...(status === undefined ? {} : { status }),
        ...(cursor === undefined ? {} : { before: readCursor(cursor) }),
      });
      const orders = page.orders.map(toOrderJson);
      response.set("Cache-Control", "no-store");
      if (page.next === undefined) {
        response.json({ orders });
        return;
      }
      const next = toCursor(page.next);
      const query = new URLSearchParams({
        ...(status === undefined ? {} : { status }),
        limit: `${limit}`,
        cursor: next,
      });
      response.set("Link", `</orders?${query}>; rel="next"`).json({ orders, next });
    },
  );
}

function reading(api: Api, options: OrdersApiOptions): void {
  const operation = {
    method: "get",
    summary: "How an order is",
    description:
      "`Prefer: wait=N` waits up to N seconds until it is final. `If-None-Match` saves what is known already.",
    params: orderParams,
    headers: z.object({ prefer: preferHeader, "if-none-match": z.string().optional() }),
    answers: {
      200: {
        description: "The order, as of now.",
        schema: orderJson,
        headers: { ETag: "Names this state of the order.", ...preferred },
      },
      304: { description: "As `If-None-Match` has it." },
    },
    problems: { ...notThere, ...full },
  } as const;
  for (const [id, path] of [
    ["getOrder", "/orders/{id}"],
    ["getOrderAtTheCounter", "/order/{id}"],
  ] as const) {
    api.handle({ ...operation, id, path }, async ({ params, headers }, response) => {
      const wait = patience(headers.prefer);
      const order = await orderWithin(
        options,
        { orderId: params.id, until: isFinal, within: wait.within ?? 0 },
        response,
      );
      const tag = orderTag(order);
      response.set({ ...applied(wait), ETag: `"${tag}"`, "Cache-Control": "no-cache" });
      // Express would not, for a request that says "no-cache", as every fetch with this header does.
      if (isKnown(tag, headers["if-none-match"])) response.status(304).end();
      else response.json(toOrderJson(order));
    });
  }
}

function following(api: Api, { store, watchOrder, admission }: OrdersApiOptions): void {
  const path = "/orders/{id}/events";
  api.refuseHead(path);
  api.handle(
    {
      id: "followOrder",
      method: "get",
      path,
      summary: "Follow an order",
      description:
        "Server-sent events: one `order` event with the whole order as it is now, and one whenever it changes. The stream " +
        "ends when the order is final. `Last-Event-ID` leaves out what has been seen.",
      params: orderParams,
      headers: z.object({ "last-event-id": z.string().optional() }),
      answers: {
        200: { description: "The stream.", type: "text/event-stream", schema: z.string() },
        204: { description: "The order is final, and `Last-Event-ID` shows that its end has been seen." },
      },
      problems: { ...notThere, ...full },
    },
    async ({ params, headers }, response) => {
      const order = isOrderId(params.id) ? await store.get(params.id) : undefined;
      if (order === undefined) throw noSuchOrder();
      const lastSeen = headers["last-event-id"];
      if (isFinal(order) && lastSeen === orderTag(order)) {
        response.status(204).end();
        return;
      }
      const noRoom = admission.room();
      if (noRoom) throw limited(noRoom);
      await followOrder(order, { watchOrder, response, lastSeen, gone: goneSignal(response) });
    },
  );
}

function cancelling(api: Api, options: OrdersApiOptions): void {
  const operation = {
    method: "post",
    summary: "Take an order back",
    description:
      "Possible until a barista has begun; the bar decides who was first. `Prefer: wait=N` waits for its verdict.",
    params: orderParams,
    headers: z.object({ prefer: preferHeader }),
    answers: {
      200: { description: "It is cancelled.", schema: orderJson, headers: preferred },
      202: {
        description: "The bar will decide: see `Location`.",
        schema: orderJson,
        headers: { ...where, ...preferred },
      },
    },
    problems: { ...notThere, 409: "Too late: somebody brews it, or has done so.", ...full },
  } as const;
  for (const [id, path] of [
    ["cancelOrder", "/orders/{id}/cancel"],
    ["cancelOrderAtTheCounter", "/order/{id}/cancel"],
  ] as const) {
    api.handle({ ...operation, id, path }, async ({ params, headers }, response) => {
      const wait = patience(headers.prefer);
      const order = await verdictOn(params.id, wait.within ?? 0, options, response);
      response.set(applied(wait));
      if (order.status === "CANCELLING") response.status(202).location(orderPath(order.id));
      else if (order.status !== "CANCELLED") throw tooLate(order);
      response.json(toOrderJson(order));
    });
  }
}

/** The order as the bar, or our own books, have decided; still CANCELLING when that takes longer. */
async function verdictOn(id: string, within: number, options: OrdersApiOptions, response: Response): Promise<Order> {
  const cancelled = isOrderId(id) ? await options.cancelOrder.cancel(id) : undefined;
  if (cancelled === undefined || cancelled.outcome === "unknown order") throw noSuchOrder();
  if (cancelled.outcome !== "cancelling" || within === 0) return cancelled.order;
  const until = ({ status }: Order) => status !== "CANCELLING";
  return orderWithin(options, { orderId: id, until, within }, response);
}

/** The order once it is as asked, or as it is when time is up. */
async function orderWithin(
  { watchOrder, admission }: OrdersApiOptions,
  watch: Omit<Watch, "gone"> & { readonly within: number },
  response: Response,
): Promise<Order> {
  const noRoom = watch.within > 0 ? admission.room() : undefined;
  if (noRoom) throw limited(noRoom);
  if (!isOrderId(watch.orderId)) throw noSuchOrder();
  const watched = await watchOrder.watch({ ...watch, gone: goneSignal(response) });
  switch (watched.outcome) {
    case "seen":
    case "not yet":
      return watched.order;
    case "unknown order":
      throw noSuchOrder();
    case "given up":
      throw refusal({ ...watched, orderId: watch.orderId });
  }
}

/** Ids are lower case; what does not look like one need not be looked for. */
const orderId = z.uuid().lowercase();
const isOrderId = (id: string): boolean => orderId.safeParse(id).success;

function tooLate({ id, status }: Order): Problem {
  const detail = `It is too late to cancel: the order is ${status}.`;
  return new Problem(409, detail, { headers: { Location: orderPath(id) }, extensions: { order_status: status } });
}

/** The order just placed; or, under a key that has placed one before, that order as it is now. */
async function orderOf(placed: Placed, store: OrderStore): Promise<Order> {
  if (placed.outcome === "placed") return placed.order;
  if (placed.outcome !== "known") throw refusal(placed);
  const order = await store.get(placed.orderId);
  if (order === undefined) throw new Error(`The order ${placed.orderId}, which a key stands for, is not in the table.`);
  return order;
}
