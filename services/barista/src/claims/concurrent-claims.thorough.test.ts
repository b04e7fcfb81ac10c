import { useLocalAws } from "@doubleshot/service-host/testing";
import { expect, onTestFinished, test } from "vitest";
import { openBar, queueOrders, realClock, storedRows, ticketOf } from "../bar-instance.fixture.ts";
import { useBarista } from "../barista-service.fixture.ts";

const service = useBarista(useLocalAws());

const clock = realClock;
const here = new AbortController().signal;
/** Nobody finishes here, and none of these claims is to lapse, however long the race takes. */
const leaseSeconds = 600;

test("fifty baristas racing on two instances for 150 orders never get the same one, and lose few transactions", async () => {
  const bars = [0, 1].map(() => openBar(service, { bar: "race-50", clock, leaseSeconds, hints: true }));
  for (const { hints } of bars) await hints.start();
  onTestFinished(async () => {
    await Promise.all(bars.map(({ hints }) => hints.drain()));
  });
  const ids = await queueOrders(service, bars[0] ?? expect.fail(), { clock, count: 150 });
  const claimed: string[] = [];
  const barista = async (bar: (typeof bars)[number]) => {
    for (;;) {
      const ticket = ticketOf(await bar.claims.claim({ gone: here }));
      if (ticket === undefined) return;
      claimed.push(ticket.id);
    }
  };
  await Promise.all(bars.flatMap((bar) => Array.from({ length: 25 }, () => barista(bar))));
  expect(claimed.toSorted()).toEqual(ids.toSorted());
  for (const id of ids) expect((await storedRows(service, id)).news).toHaveLength(1);
  const lost = bars.reduce((sum, { claims }) => sum + claims.lost, 0);
  // Most are lost in the first moment, before either instance has noticed the other: 25 at once, and up to 85 on a busy
  // machine, where that moment lasts longer. Strictly in order, 97 to 100 are lost on an idle one.
  expect(lost).toBeLessThan(95);
});

test("fifty baristas waiting on two instances for orders that come one by one never get the same one", async () => {
  const instance = { bar: "race-wait", clock, leaseSeconds, hints: true };
  const bars = [0, 1].map(() => openBar(service, instance));
  await Promise.all(bars.map(({ hints }) => hints.start()));
  onTestFinished(async () => {
    for (const { claims } of bars) claims.close();
    await Promise.all(bars.map(({ hints }) => hints.drain()));
  });
  const claimed: string[] = [];
  const barista = async (bar: (typeof bars)[number]) => {
    for (;;) {
      const ticket = ticketOf(await bar.claims.claim({ gone: here, waitMs: 60_000 }));
      if (ticket === undefined) return;
      claimed.push(ticket.id);
    }
  };
  const baristas = bars.flatMap((bar) => Array.from({ length: 25 }, () => barista(bar)));
  const ids = await queueOrders(service, bars[0] ?? expect.fail(), { clock, count: 80 });
  await expect.poll(() => claimed.length).toBe(80);
  for (const { claims } of bars) claims.close();
  await Promise.all(baristas);
  expect(claimed.toSorted()).toEqual(ids.toSorted());
});
