import { fakeAws } from "@doubleshot/service-host/testing";
import { type ReadEvent, readEvents } from "@doubleshot/service-kit/testing";
import { describe, expect, test } from "vitest";
import { cancelOrder, delivery, openBar, placeOrder, queueOrders } from "../bar-instance.fixture.ts";
import { useBarista } from "../barista-service.fixture.ts";
import { boardTicketJson } from "../ticket/ticket-json.ts";
import { expectProblem, serveBar } from "./bar-over-http.fixture.ts";

const service = useBarista(fakeAws);

interface Listed {
  readonly tickets: { readonly order_id: string; readonly status: string }[];
}

/** The ticket ids of this page and the pages after it, and the number of pages. */
async function listed(get: (path: string) => Promise<Response>, path: string) {
  const ids: string[] = [];
  let pages = 0;
  for (let next: string | undefined = path; next !== undefined; pages++) {
    const response: Response = await get(next);
    const { tickets } = (await response.json()) as Listed;
    ids.push(...tickets.map(({ order_id }) => order_id));
    next = /^<(.+)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
  }
  return { ids, pages };
}

describe("GET /tickets", () => {
  test("shows what is held and then what waits, in the order in which it will be claimed", async () => {
    const { get, claim, ids } = await serveBar(service, "list-open", { count: 5 });
    await claim();
    await claim();
    expect(await listed(get, "/tickets")).toEqual({ ids, pages: 1 });
    expect((await listed(get, "/tickets?status=QUEUED")).ids).toEqual(ids.slice(2));
    expect((await listed(get, "/tickets?status=STARTED")).ids).toEqual(ids.slice(0, 2));
    const { tickets } = (await (await get("/tickets?limit=1")).json()) as Listed;
    expect(boardTicketJson.parse(tickets[0])).toMatchObject({ status: "STARTED" });
    expect(JSON.stringify(tickets)).not.toContain("token");
  });

  test.each([1, 2, 3])("gives every ticket once, page by page of %i", async (limit) => {
    const { get, claim, ids } = await serveBar(service, `list-pages-${limit}`, { count: 7 });
    await claim();
    await claim();
    const { ids: seen, pages } = await listed(get, `/tickets?limit=${limit}`);
    expect(seen).toEqual(ids);
    expect(pages).toBeGreaterThanOrEqual(7 / limit);
  });

  test("shows what was done, the latest first, and what was cancelled apart from it", async () => {
    const { get, claim, finishes, subscriber, clock, ids } = await serveBar(service, "list-done", { count: 4 });
    const [one = "", two = "", three = "", four = ""] = ids;
    for (let i = 0; i < 3; i++) await claim();
    await finishes.finish({ orderId: two });
    clock.pass(2 * 3600);
    await finishes.finish({ orderId: one });
    clock.pass(1);
    await subscriber.handle(delivery(await cancelOrder(service, four, { clock })));
    clock.pass(1);
    await finishes.finish({ orderId: three });
    expect((await listed(get, "/tickets?status=FINISHED")).ids).toEqual([three, one, two]);
    expect((await listed(get, "/tickets?status=FINISHED&limit=1")).ids).toEqual([three, one, two]);
    expect((await listed(get, "/tickets?status=VOIDED")).ids).toEqual([four]);
  });

  test.each(["status=BREWING", "limit=0", "limit=251", "limit=many", "cursor=", "cursor=abc", "cursor=W10"])(
    "?%s is a 400",
    async (query) => {
      const { get } = await serveBar(service, "list-bad", { count: 1 });
      await expectProblem(await get(`/tickets?${query}`), 400);
    },
  );

  test("a cursor of another list is a 400, and a made-up place in a known list gives a page, never a 500", async () => {
    const { get } = await serveBar(service, "list-cursor", { count: 3 });
    const link = (await get("/tickets?status=QUEUED&limit=1")).headers.get("link") ?? "";
    const cursor = /cursor=([\w-]+)/.exec(link)?.[1];
    await expectProblem(await get(`/tickets?status=FINISHED&cursor=${cursor}`), 400);
    const made = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString("base64url");
    await expectProblem(await get(`/tickets?cursor=${made(["list-cursor#waiting", "", ""])}`), 400);
    expect((await get(`/tickets?cursor=${made(["list-cursor#waiting", "zzz", "x"])}`)).status).toBe(200);
  });
});

const ticketsIn = (events: readonly ReadEvent[]) => events.filter(({ event }) => event === "ticket");
const statusOf = (events: readonly ReadEvent[], id: string | undefined) =>
  ticketsIn(events).findLast(({ data }) => data.order_id === id)?.data.status;
const isCurrent = (events: readonly ReadEvent[]) => events.some(({ event }) => event === "current");

describe("GET /events", () => {
  test("begins with all that is on the board, then shows what changes, each version once", async () => {
    const { url, claim, finishes, subscriber, notifier, store, clock, ids } = await serveBar(service, "events", {
      count: 3,
    });
    await claim();
    const screen = await readEvents(`${url}/events`);
    await screen.until(isCurrent);
    expect(screen.events.map(({ event }) => event)).toEqual(["reset", "anew", "ticket", "ticket", "ticket", "current"]);
    expect(screen.events.at(-1)?.id).toBe(clock.now().toISOString());
    expect(screen.events.at(-1)?.data).toEqual({ now: clock.now().toISOString() });

    const [first = ""] = ids;
    await finishes.finish({ orderId: first });
    const { orderId, body } = await placeOrder(service, { clock });
    await subscriber.handle(delivery(body));
    await screen.until((events) => statusOf(events, first) === "FINISHED" && statusOf(events, orderId) === "QUEUED");

    // A hint of what was shown already, as every other instance gets.
    const read = store.getMany.bind(store);
    const looked = Promise.withResolvers<void>();
    store.getMany = async (asked) => {
      const tickets = await read(asked);
      setImmediate(looked.resolve);
      return tickets;
    };
    notifier.hinted([{ id: first, version: 3, status: "FINISHED" }]);
    await looked.promise;
    await claim();
    await screen.until((events) => statusOf(events, ids[1]) === "STARTED");
    const versions = ticketsIn(screen.events).map(({ data }) => `${data.order_id} ${data.version}`);
    expect(new Set(versions).size).toBe(versions.length);
    for (const { data } of ticketsIn(screen.events)) boardTicketJson.parse(data);
  });

  test("has the time of the bar's clock for a client that comes late, and again every few seconds", async () => {
    const { url, clock } = await serveBar(service, "events-clock");
    const first = await readEvents(`${url}/events`);
    await first.until(isCurrent);
    clock.pass(2);
    const now = clock.now().toISOString();
    const isNow = ({ event, data }: ReadEvent) => event === "current" && data.now === now;
    const late = await readEvents(`${url}/events`);
    expect(await late.until((events) => events.find(({ event }) => event === "current"))).toSatisfy(isNow);
    await first.until((events) => events.some(isNow));
  });

  test("shows what another instance does, found by the sweep", async () => {
    const clock = { now: () => new Date() };
    const { url, board } = await serveBar(service, "events-other", { clock });
    const other = openBar(service, { bar: "events-other", clock });
    const screen = await readEvents(`${url}/events`);
    await screen.until(isCurrent);
    const [id = ""] = await queueOrders(service, other, { clock, count: 1 });
    await other.claim();
    await screen.until((events) => statusOf(events, id) === "STARTED");
    await other.finishes.finish({ orderId: id });
    await screen.until((events) => statusOf(events, id) === "FINISHED");
    expect(board.viewers).toBe(1);
  });
});

describe("GET /events, with Last-Event-ID", () => {
  test("goes on where a client left, on any instance, with what it has missed", async () => {
    const { url, claim, finishes, releases, clock, ids } = await serveBar(service, "events-again", { count: 40 });
    const screen = await readEvents(`${url}/events`);
    const { id = "" } = await screen.until((events) => events.find(({ event }) => event === "current"));
    await screen.leave();

    const [first = "", second = ""] = ids;
    clock.pass(60);
    await claim();
    const released = await claim();
    await finishes.finish({ orderId: first });
    await releases.release({ orderId: second, token: released?.claim.token ?? "" });
    const again = await readEvents(`${url}/events`, { "last-event-id": id });
    await again.until(isCurrent);
    expect(again.events.some(({ event }) => event === "anew" || event === "reset")).toBe(false);
    expect(statusOf(again.events, first)).toBe("FINISHED");
    expect(statusOf(again.events, second)).toBe("QUEUED");
    // Not everything: those of the last ten seconds before it left, and what has changed since.
    expect(ticketsIn(again.events).length).toBeLessThanOrEqual(13);
  });

  test.each([
    "",
    "yesterday",
    "2020-01-01T00:00:00.000Z",
    "9",
    "2026-13-01T00:00:00.000Z",
    "2026-01-31T08:00:12.001Z",
    "2026-02-01T08:00:00.000Z",
    "9999-12-31T23:59:59.999Z",
  ])("begins with a reset after too long away, or after an id it never gave: %j", async (id) => {
    const { url, ids } = await serveBar(service, "events-anew", { count: 2 });
    const screen = await readEvents(`${url}/events`, { "last-event-id": id });
    await screen.until(isCurrent);
    expect(screen.events.slice(0, 2).map(({ event }) => event)).toEqual(["reset", "anew"]);
    expect(ticketsIn(screen.events).length).toBeGreaterThanOrEqual(ids.length);
  });
});

describe("GET /events, as a long request", () => {
  test("a client at a new address gets a place: the oldest stream of the address with a thousand ends", async () => {
    const { url, board } = await serveBar(service, "events-shared");
    const from = (address: string) => ({ "x-forwarded-for": address });
    const first = await readEvents(`${url}/events`, from("192.0.2.66"));
    const others = await Promise.all(
      Array.from({ length: 999 }, () => readEvents(`${url}/events`, from("192.0.2.66"))),
    );
    await expect.poll(() => board.viewers).toBe(1_000);
    expect((await fetch(`${url}/events`, { headers: from("192.0.2.66") })).status).toBe(503);
    const screen = await readEvents(`${url}/events`, from("192.0.2.7"));
    await screen.until(isCurrent);
    await expect.poll(first.state).toBe("ended");
    expect(others.filter(({ state }) => state() === "open")).toHaveLength(999);
  });

  test("has a viewer on the board until its client leaves", async () => {
    const { url, board } = await serveBar(service, "events-dark", { count: 1 });
    const screen = await readEvents(`${url}/events`);
    await screen.until(isCurrent);
    expect(board.viewers).toBe(1);
    await screen.leave();
    await expect.poll(() => board.viewers).toBe(0);
  });

  test("is a 503 when the table cannot be read, and works again when it can", async () => {
    const { url, get, store } = await serveBar(service, "events-out");
    const read = store.waiting;
    store.waiting = () => Promise.reject(Object.assign(new Error("connect"), { code: "ECONNREFUSED", $metadata: {} }));
    await expectProblem(await get("/events"), 503);
    store.waiting = read;
    await (await readEvents(`${url}/events`)).until(isCurrent);
  });

  test("ends when the bar closes", async () => {
    const { url, board } = await serveBar(service, "events-close");
    const screen = await readEvents(`${url}/events`);
    await screen.until(isCurrent);
    board.close();
    await expect.poll(screen.state).toBe("ended");
    const late = await readEvents(`${url}/events`);
    await expect.poll(late.state).toBe("ended");
  });

  test("is not for HEAD", async () => {
    const { get } = await serveBar(service, "events-head");
    expect((await get("/events", { method: "HEAD" })).status).toBe(405);
  });
});
