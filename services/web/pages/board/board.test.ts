import { expect, onTestFinished, test, vi } from "vitest";
import { useStreams } from "../shared/streams.fixture.ts";
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
  new Board({ onChange, isNeededHidden: () => false, signal: leaving.signal });
  await settled();
  return () => {
    if (shown === undefined) throw new Error("The board has shown nothing.");
    return shown;
  };
}

const reset = "event: reset\ndata: {}\n\n";
const current = () => `event: current\nid: ${new Date().toISOString()}\ndata: {}\n\n`;
const queued = (order_id: string) => {
  const json = { order_id, version: 1, status: "QUEUED", items: [], turn: 0, placed_at: order_id };
  return `event: ticket\ndata: ${JSON.stringify(json)}\n\n`;
};

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
