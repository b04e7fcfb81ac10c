import { expect, test } from "vitest";
import { eventually } from "../test-shop.fixture.ts";
import { dead, useDeadOrders } from "./dead-orders.fixture.ts";
import { redrive } from "./redrive.ts";

const { aws, shop, deliver, marker, changeMarker, openBar, killOrder } = useDeadOrders();

test("a letter that fails again is dead again, nothing overtakes it, and the next run sends all in order", async () => {
  await using bar = await openBar("bad");
  await killOrder(bar);
  const [first] = await redrive(shop().shop, { patienceMs: 3_000 });
  // Whether the run notices depends on how soon the bar gives up; what counts is that it is blocked again.
  expect(["failed-again", "redriven"]).toContain(first?.outcome);
  await expect.poll(() => shop().depth(dead), eventually).toBe(4);
  await expect
    .poll(async () => (await marker("order#1"))?.error, eventually)
    .toMatchObject({ message: "cannot brew bad" });
  expect(bar.texts()).toEqual(["a"]);
  await deliver("order#1", 6, "f");
  await expect.poll(() => shop().depth(dead), eventually).toBe(5);
  bar.repair();
  expect(await redrive(shop().shop)).toMatchObject([{ outcome: "redriven" }]);
  await expect.poll(() => bar.texts(), eventually).toEqual(["a", "bad", "c", "d", "e", "f"]);
});

test("a run that died before it could open the aggregate is finished by the next", async () => {
  await using bar = await openBar("bad");
  await killOrder(bar);
  bar.repair();
  const stop = new AbortController();
  let sent = 0;
  const dying = redrive(shop().shop, {
    signal: stop.signal,
    onSent: () => {
      sent += 1;
      if (sent === 4) stop.abort();
    },
  });
  await expect(dying).rejects.toThrow();
  expect(await marker("order#1")).toBeDefined();
  await expect.poll(() => bar.texts(), eventually).toEqual(["a", "bad", "c", "d", "e"]);
  expect(await redrive(shop().shop, { aggregate: "order#1", patienceMs: 100 })).toMatchObject([
    { sent: 0, outcome: "redriven" },
  ]);
  expect(await marker("order#1")).toBeUndefined();
});

test("an aggregate whose marker names a letter that is still on its way is not opened", async () => {
  await using bar = await openBar("bad");
  await killOrder(bar);
  bar.repair();
  await changeMarker("order#1", "upTo", "99999999999999999999");
  await bar.close();
  // The letter may still be among those in the bar's queue.
  expect(await redrive(shop().shop, { patienceMs: 100 })).toMatchObject([{ sent: 4, outcome: "unfinished" }]);
  expect(await marker("order#1")).toBeDefined();
});

test("a run stops when another run has taken over", async () => {
  await using bar = await openBar("bad");
  await killOrder(bar);
  await bar.close();
  let sent = 0;
  let taken: Promise<void> | undefined;
  const onSent = () => {
    sent += 1;
    if (sent === 1) taken = changeMarker("order#1", "redrive", "another");
  };
  const results = await redrive(shop().shop, { onSent, rate: 2 });
  await taken;
  expect(results).toMatchObject([{ outcome: "failed-again", reason: "another run has taken it over" }]);
  expect(await marker("order#1")).toMatchObject({ redrive: "another" });
});

test("a letter that dies after its aggregate was opened, and before the run ends, is reported", async () => {
  await using bar = await openBar("bad", "worse");
  await killOrder(bar);
  bar.repair("bad");
  let opened = false;
  const watched = shop().after(aws, async () => {
    if (opened || (await marker("order#1")) !== undefined) return;
    opened = true;
    await deliver("order#1", 6, "worse");
    await expect.poll(() => marker("order#1"), eventually).toBeDefined();
  });
  const [result] = await redrive(watched);
  expect(opened).toBe(true);
  expect(result).toMatchObject({ sent: 4, outcome: "failed-again", reason: "Error: cannot brew worse" });
});
