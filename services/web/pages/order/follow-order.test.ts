import { expect, onTestFinished, test, vi } from "vitest";
import { useStreams } from "../shared/events/streams.fixture.ts";
import { followOrder, type Order } from "./order-api.ts";

const { streams, answers, latest, settled, hide, show } = useStreams();

/** A page that follows an order until the test ends. Returns the states that it showed. */
async function openPage({ staysOpenHidden = false } = {}): Promise<readonly string[]> {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const shown: string[] = [];
  const options = {
    onOrder: ({ status }: Order) => shown.push(status),
    onConnection: () => undefined,
    staysOpenHidden: () => staysOpenHidden,
    signal: leaving.signal,
  };
  followOrder("1", options).catch(() => undefined);
  await settled();
  return shown;
}

const event = (status: string, id: number) => `event: order\nid: ${id}\ndata: ${JSON.stringify({ status })}\n\n`;
const answer = (status: string) => answers.push(() => Response.json({ status }));

test("a hidden page without a stream reads its order twice a minute, so that its title is right", async () => {
  const shown = await openPage();
  await latest().send(event("PLACED", 1));
  await hide();
  answer("BREWING");
  answer("COMPLETED");
  await vi.advanceTimersByTimeAsync(61_000);
  expect(shown).toEqual(["PLACED", "BREWING", "COMPLETED"]);
  // The order is final: nothing asks for it any more.
  await show();
  await vi.advanceTimersByTimeAsync(61_000);
  expect(streams).toHaveLength(1);
});

test("a read that is answered after the stream has gone on does not turn the order back", async () => {
  const late = new TransformStream<Uint8Array, Uint8Array>();
  const shown = await openPage();
  await latest().send(event("PLACED", 1));
  await hide();
  answers.push(() => new Response(late.readable));
  await vi.advanceTimersByTimeAsync(30_000);
  expect(answers).toEqual([]);
  await show();
  await latest().send(event("BREWING", 2));
  await hide();
  await new Blob([JSON.stringify({ status: "PLACED" })]).stream().pipeTo(late.writable);
  await settled();
  expect(shown).toEqual(["PLACED", "BREWING"]);
  answer("COMPLETED");
  await vi.advanceTimersByTimeAsync(30_000);
  expect(shown).toEqual(["PLACED", "BREWING", "COMPLETED"]);
});

test("a hidden page with a stream does not read its order, and neither does a visible page", async () => {
  await openPage({ staysOpenHidden: true });
  answer("BREWING");
  for (const act of [hide, show]) {
    await vi.advanceTimersByTimeAsync(35_000);
    await latest().send(":\n\n");
    await act();
  }
  expect(answers).toHaveLength(1);
});
