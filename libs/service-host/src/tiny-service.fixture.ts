import { defineEvent, ignore, on } from "@doubleshot/messaging";
import { Api } from "@doubleshot/service-kit";
import { z } from "zod";
import type { HostedService } from "./hosted-service.ts";
import { defineService } from "./service-definition.ts";

const Heard = defineEvent("Heard", { version: 1, schema: z.object({}) });

const byText = (name: string) => ({ key: { partition: { name, type: "S" } } }) as const;
/** A service as small as it gets. */
export const manifest: HostedService = {
  name: "tiny",
  port: 9799,
  paths: ["/wait"],
  source: "/test/tiny",
  waits: true,
  scalesOn: { nodejs_active_handles_total: { perProcess: 100 } },
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
export const story: string[] = [];
let release = (): void => undefined;

export const tiny = defineService({
  config: {},
  modules: () => [],
  subscriptions: () => [on(Heard, async () => ignore("it is enough to hear it"))],
  http: () => {
    const api = new Api("tiny");
    const answers = { 200: { description: "The end.", schema: z.literal("released") } };
    api.handle(
      { id: "wait", method: "get", path: "/wait", summary: "Waits", access: { guest: "all" }, answers },
      async (_, response) => {
        await new Promise<void>((resolve) => {
          release = resolve;
          story.push("request");
        });
        story.push("answer");
        response.json("released");
      },
    );
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
