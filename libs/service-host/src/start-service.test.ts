import { defineEvent, ignore, on } from "@doubleshot/messaging";
import { Api } from "@doubleshot/service-kit";
import { expect, test } from "vitest";
import { z } from "zod";
import type { HostedService } from "./hosted-service.ts";
import { defineService } from "./service-definition.ts";
import { describeService, fakeAws, useService } from "./testing/index.ts";

const Heard = defineEvent("Heard", { version: 1, schema: z.object({}) });

const byText = (name: string) => ({ key: { partition: { name, type: "S" } } }) as const;
const manifest: HostedService = {
  name: "tiny",
  port: 9799,
  source: "/test/tiny",
  waits: true,
  subscribes: { neighbour: [Heard] },
  names: {
    outbox: "tiny-outbox",
    inbox: "tiny-inbox",
    queue: "tiny-subscriber.fifo",
    deadLetters: "tiny-subscriber-dead.fifo",
    instances: "tiny-instances",
    hintQueues: "tiny-hints-",
  },
  uses: {
    tables: ["tiny-inbox", "tiny-instances"],
    queues: ["tiny-subscriber.fifo", "tiny-subscriber-dead.fifo"],
  },
  topology: {
    tables: { "tiny-inbox": byText("message"), "tiny-instances": byText("id") },
    queues: { "tiny-subscriber.fifo": { fifo: true }, "tiny-subscriber-dead.fifo": { fifo: true } },
    ...{ topics: {}, subscriptions: [], mappings: {} },
  },
};

/** The hooks that were called, in order; the state of a request that is open while the process drains. */
const story: string[] = [];
let release = (): void => undefined;

const tiny = defineService({
  config: {},
  modules: () => [],
  subscriptions: () => [on(Heard, async () => ignore("it is enough to hear it"))],
  http: () => {
    const api = new Api("tiny");
    const answers = { 200: { description: "The end.", schema: z.literal("released") } };
    api.handle({ id: "wait", method: "get", path: "/wait", summary: "Waits", answers }, async (_, response) => {
      await new Promise<void>((resolve) => {
        release = resolve;
        story.push("request");
      });
      story.push("answer");
      response.json("released");
    });
    return { title: "Tiny", version: "1", description: "A service as small as it gets.", apis: [api] };
  },
  hooks: () => ({
    onClosing: () => void story.push("closing"),
    onDraining: () => {
      story.push("draining");
      release();
    },
    onDrained: async () => void story.push("drained"),
  }),
});

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

test("a process that was asked to stop while it started is closing from the beginning", async () => {
  story.length = 0;
  const { url } = await here.start({}, { signal: AbortSignal.abort() });
  expect(story).toEqual(["closing"]);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
});
