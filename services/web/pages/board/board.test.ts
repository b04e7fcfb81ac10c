import { expect, onTestFinished, test, vi } from "vitest";
import { useStreams } from "../shared/events/streams.fixture.ts";
import { Board, type BoardView } from "./board.ts";

const { latest, settled } = useStreams();

/** A board that is read until the test ends. Returns the last view that it showed. */
async function openBoard(): Promise<() => BoardView> {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  let shown: BoardView | undefined;
  const onChange = (view: BoardView) => {
    shown = view;
  };
  new Board({ onChange, staysOpenHidden: () => false, signal: leaving.signal });
  await settled();
  return () => {
    if (shown === undefined) throw new Error("The board has shown nothing.");
    return shown;
  };
}

const reset = "event: reset\ndata: {}\n\n";
/** A `current` event: `now` is the shop's clock (may differ from the device's), `readAt` is when the shop last read its table. */
const current = (now = Date.now(), readAt = now) => {
  const [time, id] = [now, readAt].map((at) => new Date(at).toISOString());
  return `event: current\nid: ${id}\ndata: ${JSON.stringify({ now: time })}\n\n`;
};
const ticket = (order_id: string, changes: object) => {
  const json = { order_id, version: 1, items: [], turn: 0, placed_at: order_id, ...changes };
  return `event: ticket\ndata: ${JSON.stringify(json)}\n\n`;
};
const queued = (order_id: string) => ticket(order_id, { status: "QUEUED" });

test("while the board is sent as a whole again, the page shows the former one", async () => {
  const view = await openBoard();
  const send = async (...events: string[]) => {
    await latest().send(events.join(""));
    await vi.advanceTimersByTimeAsync(1_500);
    return view().waiting.map(({ order_id }) => order_id);
  };
  expect(await send(reset, queued("1"), queued("2"), current())).toEqual(["1", "2"]);
  expect(await send(reset, queued("2"))).toEqual(["1", "2"]);
  expect(await send(queued("3"), current())).toEqual(["2", "3"]);
});

test("ages count from the shop's clock, whatever becomes of the device's", async () => {
  const view = await openBoard();
  const aheadMs = 26 * 3_600_000;
  const aheadOfDevice = () => Math.round(Math.abs(view().now - Date.now()) / 1_000) * 1_000;
  const minutesAgo = (minutes: number) => Date.now() + aheadMs - minutes * 60_000;
  await latest().send(reset + current(Date.now() + aheadMs, minutesAgo(1)));
  expect(aheadOfDevice()).toBe(aheadMs);
  // Somebody sets the device's clock, and the shop sends its own again after the next read of its table.
  const shopsTime = Date.now() + aheadMs;
  vi.setSystemTime(shopsTime);
  await latest().send(current(shopsTime, minutesAgo(1)));
  expect(aheadOfDevice()).toBe(0);
});

test("over three days a screen forgets each coffee, and goes on after each lost connection", async () => {
  const minuteMs = 60_000;
  const view = await openBoard();
  await latest().send(reset + current());
  const isCancelled = (id: number) => id % 4 === 0;
  let shownMost = 0;
  for (let id = 1; id <= 3 * 24 * 12; id++) {
    vi.setSystemTime(Date.now() + 5 * minuteMs);
    const at = new Date().toISOString();
    const done = isCancelled(id) ? { status: "VOIDED", voided_at: at } : { status: "FINISHED", finished_at: at };
    if (id % 36 === 0) {
      const { startedAt } = latest();
      await latest().end();
      await vi.advanceTimersByTimeAsync(1_000);
      expect(latest().startedAt).toBeGreaterThan(startedAt);
    }
    await latest().send(queued(`${id}`) + ticket(`${id}`, { version: 2, ...done }) + current());
    const { waiting, brewing, ready, connection } = view();
    expect([waiting.length, brewing.length, connection]).toEqual([0, 0, "open"]);
    shownMost = Math.max(shownMost, ready.length);
  }
  expect(shownMost).toBeGreaterThan(0);
  expect(shownMost).toBeLessThanOrEqual(3);
  // Order 864 was cancelled less than ten minutes ago, so its late QUEUED version is ignored; order 4 is forgotten, so its late
  // version shows again.
  await latest().send(queued("864") + queued("4"));
  expect(view().waiting.map(({ order_id }) => order_id)).toEqual(["4"]);
});
