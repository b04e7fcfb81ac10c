import { expect, test } from "vitest";
import { describeService, fakeAws, useService } from "./testing/index.ts";
import { manifest, story, tiny } from "./tiny-service.fixture.ts";

describeService(manifest, tiny);

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

test("a process that is asked to stop before it listens does not start", async () => {
  story.length = 0;
  const reason = new Error("stop");
  await expect(here.start({}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(story).toEqual([]);
});
