import type { ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { serveHttp } from "@doubleshot/service-kit/testing";
import { expect, onTestFinished, test } from "vitest";
import { type BaristaOptions, ClaimLostError, createBarista, type Trouble } from "./index.ts";

// A bar of a few lines, so that each way of answering a claim can be played.

type Reply = "cut" | 204 | 401 | 409 | 503 | "order";

const order = {
  order_id: "order-1",
  items: [{ sku: "americano", quantity: 1 }],
  placed_at: "2026-01-31T08:30:00.000Z",
};

function answer(response: ServerResponse, reply: Reply): void {
  if (reply === "cut") response.destroy();
  else if (reply === "order") response.end(JSON.stringify(order));
  else response.writeHead(reply).end(reply === 204 ? undefined : "{}");
}

/** Answers claims with the replies one after the other, then with the last one; and other requests with 200. */
async function bar(...replies: Reply[]) {
  const tokens: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const url = await serveHttp(async (request, response) => {
    const { claim_token } = Object(await json(request));
    authorizations.push(request.headers.authorization);
    if (!request.url?.startsWith("/claims?")) return response.end("{}");
    tokens.push(claim_token);
    return answer(response, replies[tokens.length - 1] ?? replies.at(-1) ?? "cut");
  });
  return { url, tokens, authorizations };
}

/** The troubles of a worker that stops with the first order that it has finished. */
async function troublesAt(urls: string | string[], token?: BaristaOptions["token"]): Promise<Trouble[]> {
  const stop = new AbortController();
  const troubles: Trouble[] = [];
  const events = { finished: () => stop.abort(), trouble: (trouble: Trouble) => void troubles.push(trouble) };
  const barista = createBarista({
    url: urls,
    ...(token && { token }),
    brew: () => undefined,
    signal: stop.signal,
    events,
  });
  await barista.closed;
  return troubles;
}

async function workAt(urls: string | string[], token?: BaristaOptions["token"]) {
  return { troubles: (await troublesAt(urls, token)).map(({ kind }) => kind) };
}

const failing = [
  [
    "throw",
    () => {
      throw new Error("the log is gone");
    },
  ],
  ["reject", () => Promise.reject(new Error("the log is gone"))],
] as const;

test.each(failing)("callbacks that %s cost no order, and Node.js warns of each", async (_, callback) => {
  const warnings: string[] = [];
  const collect = ({ message }: Error) => warnings.push(message);
  process.on("warning", collect);
  onTestFinished(() => void process.off("warning", collect));
  const { url } = await bar("cut", "order");
  const stop = new AbortController();
  const finished = () => {
    stop.abort();
    return callback();
  };
  const events = { taken: callback, finishing: callback, finished, trouble: callback };
  const barista = createBarista({ url, brew: () => undefined, signal: stop.signal, events });
  await expect(barista.closed).resolves.toBeUndefined();
  await expect.poll(() => warnings).toEqual(Array(4).fill("the log is gone"));
});

test("until there is an order, a worker claims under one token, also when answers are lost", async () => {
  const { url, tokens } = await bar("cut", 204, 503, "cut", "order");
  expect(await workAt(url)).toEqual({ troubles: ["bar", "bar", "bar"] });
  expect(tokens).toHaveLength(5);
  expect(new Set(tokens).size).toBe(1);
});

test("a worker whose claim was over before its answer arrived claims under another token", async () => {
  const { url, tokens } = await bar(409, "order");
  expect(await workAt(url)).toEqual({ troubles: [] });
  expect(new Set(tokens).size).toBe(2);
});

test.each([404, 409])(
  "a claim that is over at the finish (%i) is reported as lost, and the worker claims again",
  async (status) => {
    let finishes = 0;
    const url = await serveHttp((request, response) => {
      if (request.url?.startsWith("/claims?")) return response.end(JSON.stringify(order));
      finishes += 1;
      return response.writeHead(finishes === 1 ? status : 200).end("{}");
    });
    const reason = "The claim of order order-1 is over: another barista claimed it, or it was finished or cancelled.";
    expect(await troublesAt(url)).toMatchObject([
      { kind: "lost", error: new ClaimLostError(reason), order: { orderId: "order-1" } },
    ]);
    expect(finishes).toBe(2);
  },
);

test.each<Reply>(["cut", 503])("an instance that fails (%s) is left for the next one", async (reply) => {
  const [failing, well] = [await bar(reply), await bar("order")];
  expect(await workAt([failing.url, well.url])).toEqual({ troubles: ["bar"] });
  expect(failing.tokens).toHaveLength(1);
  expect(well.tokens).toEqual(failing.tokens);
});

test("an order id goes back to the bar as the bar gave it, in whichever case", async () => {
  const upper = "01A1FC6F-67FA-72AC-A3FF-000000000001";
  const paths: string[] = [];
  const url = await serveHttp((request, response) => {
    const path = request.url ?? "";
    paths.push(path);
    response.end(JSON.stringify(path.startsWith("/claims?") ? { ...order, order_id: upper } : {}));
  });
  expect(await workAt(url)).toEqual({ troubles: [] });
  expect(paths).toContain(`/claims/${upper}/finish`);
});

test("each call carries the token that its source returns by then, and an expired one costs no order", async () => {
  const { url, authorizations } = await bar(401, "order");
  const tokens = ["expired", "renewed"];
  expect(await workAt(url, async () => tokens.shift() ?? "renewed")).toEqual({ troubles: ["bar"] });
  expect(authorizations).toEqual(["Bearer expired", "Bearer renewed", "Bearer renewed"]);
});

test("a source of tokens that fails is asked again", async () => {
  const { url, authorizations } = await bar("order");
  let calls = 0;
  const failing = () => {
    calls += 1;
    if (calls === 1) throw new Error("the issuer is down");
    return "token";
  };
  expect(await workAt(url, failing)).toEqual({ troubles: ["bar"] });
  expect(authorizations).toEqual(["Bearer token", "Bearer token"]);
});
