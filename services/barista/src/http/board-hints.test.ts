import { useLocalAws } from "@doubleshot/service-host/testing";
import { type ReadEvent, readEvents } from "@doubleshot/service-kit/testing";
import { expect, onTestFinished, test } from "vitest";
import { openBar, queueOrders } from "../bar-instance.fixture.ts";
import { useBarista } from "../barista-service.fixture.ts";
import { serveBar } from "./bar-over-http.fixture.ts";

const service = useBarista(useLocalAws());

const statusesOf = (events: readonly ReadEvent[], id: string) =>
  events.filter(({ event, data }) => event === "ticket" && data.order_id === id).map(({ data }) => data.status);

test("GET /events shows each change of another instance when its hint comes", async () => {
  const clock = { now: () => new Date() };
  const { url, store, hints } = await serveBar(service, "events-hints", { clock, hints: true });
  const other = openBar(service, { bar: "events-hints", clock, hints: true });
  await Promise.all([hints.start(), other.hints.start()]);
  onTestFinished(async () => {
    await Promise.all([hints.drain(), other.hints.drain()]);
  });
  const screen = await readEvents(`${url}/events`);
  await screen.until((events) => events.some(({ event }) => event === "current"));
  // A sweep reads what waits, so from here on it finds nothing.
  store.waiting = () => new Promise(() => undefined);
  const [id = ""] = await queueOrders(service, other, { clock, count: 1 });
  await screen.until((events) => statusesOf(events, id).length === 1);
  const ticket = await other.claim();
  await screen.until((events) => statusesOf(events, id).length === 2);
  await other.releases.release({ orderId: id, token: ticket?.claim.token ?? "" });
  await screen.until((events) => statusesOf(events, id).length === 3);
  expect(statusesOf(screen.events, id)).toEqual(["QUEUED", "STARTED", "QUEUED"]);
});
