import { describe, expect, onTestFinished, test, vi } from "vitest";
import { readEvents } from "./event-stream.ts";
import { useStreams } from "./streams.fixture.ts";

const { streams, answers, latest, settled, hide, show } = useStreams();

/** A page that reads a stream until the test ends. */
async function openPage({ staysOpenHidden = false } = {}) {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const connections: string[] = [];
  const heard: unknown[] = [];
  const refused = readEvents({
    path: "/events",
    on: { message: (data) => heard.push(data) },
    onConnection: (connection) => connections.push(connection),
    staysOpenHidden: () => staysOpenHidden,
    signal: leaving.signal,
  });
  await settled();
  return { connections, heard, refused };
}

/** Ends each stream once it has sent this, `openMs` after its start. Returns the pauses before the next five. */
async function pausesOf(body: string, openMs = 0): Promise<number[]> {
  const pauses: number[] = [];
  await openPage();
  while (pauses.length < 4) {
    const stream = latest();
    if (body !== "") await stream.send(body);
    await vi.advanceTimersByTimeAsync(openMs);
    const endedAt = Date.now();
    await stream.end();
    while (latest() === stream) await vi.advanceTimersByTimeAsync(10);
    pauses.push(Math.round((latest().startedAt - endedAt) / 100) * 100);
  }
  return pauses;
}

describe("the pause before a lost stream is opened again", () => {
  test("doubles while connections end before their first event", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    expect(await pausesOf("")).toEqual([500, 1_000, 2_000, 4_000]);
  });

  test("stays short while connections bring events", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    expect(await pausesOf("data: 1\n\n")).toEqual([500, 500, 500, 500]);
  });

  test("is short again after a connection that was steady for five seconds, and not after a shorter one", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    expect(await pausesOf("", 4_900)).toEqual([500, 1_000, 2_000, 4_000]);
    expect(await pausesOf("", 5_100)).toEqual([500, 500, 500, 500]);
  });

  test("is spread over half of it for pages that lost the shop at once", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    expect(await pausesOf("")).toEqual([300, 500, 1_000, 2_000]);
  });
});

describe("a page that is hidden", () => {
  test("closes its stream, and goes on with the last id when it is seen again", async () => {
    const { connections, heard } = await openPage();
    await latest().send("id: 7\ndata: 1\n\n");
    await hide();
    expect(latest().isOpen()).toBe(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(streams).toHaveLength(1);
    await show();
    expect(streams).toHaveLength(2);
    expect(latest().lastId).toBe("7");
    await latest().send("data: 2\n\n");
    expect(heard).toEqual([1, 2]);
    expect(connections).toEqual(["open", "connecting", "open"]);
  });

  test("goes on behind the last event that was complete, if the one after it was cut off", async () => {
    const { heard } = await openPage();
    await latest().send('id: 1\ndata: "BREWING"\n\n');
    await latest().send('id: 2\ndata: "COMPL');
    await hide();
    await show();
    expect(latest().lastId).toBe("1");
    await latest().send('id: 2\ndata: "COMPLETED"\n\n');
    expect(heard).toEqual(["BREWING", "COMPLETED"]);
  });

  test("keeps its stream if it needs the events", async () => {
    const { heard } = await openPage({ staysOpenHidden: true });
    await hide();
    await latest().send("data: 1\n\n");
    expect([streams.length, latest().isOpen(), heard]).toEqual([1, true, [1]]);
  });

  test("opens no stream before it is seen for the first time", async () => {
    await hide();
    await openPage();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(streams).toHaveLength(0);
    await show();
    expect(streams).toHaveLength(1);
  });
});

test("a busy shop is asked again after its Retry-After, and the stream goes on with the last id", async () => {
  const { connections } = await openPage();
  await latest().send("id: 7\ndata: 1\n\n");
  answers.push(() => new Response("{}", { status: 503, headers: { "retry-after": "5" } }));
  await latest().end();
  await vi.advanceTimersByTimeAsync(4_000);
  expect([streams.length, answers.length]).toEqual([1, 0]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(latest().lastId).toBe("7");
  expect(connections).toEqual(["open", "lost", "lost", "open"]);
});

test("a refusal ends the reading, with the shop's own words", async () => {
  answers.push(() => Response.json({ detail: "There is no such stream." }, { status: 404 }));
  const { refused, connections } = await openPage();
  expect(await refused).toMatchObject({ kind: "refused", status: 404, detail: "There is no such stream." });
  expect(connections).toEqual(["open"]);
});

test("a stream that is over is not opened again", async () => {
  answers.push(() => new Response(null, { status: 204 }));
  const { refused } = await openPage();
  expect(await refused).toBeUndefined();
});
