import { expect, test, vi } from "vitest";
import { describeService, fakeAws, useService } from "./testing/index.ts";
import { manifest, story, tiny } from "./tiny-service.fixture.ts";

describeService(manifest, tiny, { failures: ["is refused", "fails", "is answered by a page", "is throttled"] });

const here = useService(manifest, tiny, fakeAws);

test("the hooks run in order: closing, draining, and drained when every request has its answer", async () => {
  story.length = 0;
  const closing = new AbortController();
  const { url, drain } = await here.start({}, { signal: closing.signal });
  const answer = fetch(`${url}/wait`);
  await expect.poll(() => story).toEqual(["request"]);
  closing.abort();
  expect(story).toEqual(["request", "closing"]);
  await drain();
  expect(await (await answer).json()).toBe("released");
  expect(story).toEqual(["request", "closing", "draining", "answer", "drained"]);
});

test("an idle connection stays open for KEEP_ALIVE_SECONDS", async () => {
  const { url } = await here.start({ KEEP_ALIVE_SECONDS: "4060" });
  expect((await fetch(`${url}/livez`)).headers.get("keep-alive")).toBe("timeout=4060");
});

test("METRICS=emf reports the gauges that the service is scaled by, in the namespace of the shop", async () => {
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((line) => lines.push(String(line)) > 0);
  const service = await here.start({ METRICS: "emf" });
  await expect.poll(() => lines).toHaveLength(1);
  await service.drain();
  write.mockRestore();
  const [gauge = ""] = Object.keys(manifest.scalesOn);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    _aws: { CloudWatchMetrics: [{ Namespace: `Doubleshot/${here.shop.name}`, Dimensions: [["Service"]] }] },
    Service: "tiny",
    [gauge]: expect.any(Number),
  });
});

test("a process that is asked to stop before it listens does not start", async () => {
  story.length = 0;
  const reason = new Error("stop");
  await expect(here.start({}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(story).toEqual([]);
});
