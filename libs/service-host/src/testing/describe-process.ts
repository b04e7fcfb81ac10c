import { watchedReceives } from "@doubleshot/local-aws";
import { defineEvent } from "@doubleshot/messaging";
import type { RunningService } from "@doubleshot/service-kit";
import { createAwsClients } from "@doubleshot/topology";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { HostedService } from "../hosted-service.ts";
import type { ServiceDefinition } from "../service-definition.ts";
import { useLocalAws } from "./use-local-aws.ts";
import { type ServiceUnderTest, useService } from "./use-service.ts";

/** An event that no service handles: its message is acknowledged and changes nothing. */
const Unheard = defineEvent("Unheard", { version: 1, schema: z.object({}) });

/** Errors of calls to AWS, by what becomes of the call. */
export const awsFailures = {
  "is refused": { code: "ECONNREFUSED" },
  fails: { name: "InternalServerError", $fault: "server", $metadata: { httpStatusCode: 500 } },
  "is answered by a page": { name: "SyntaxError", $response: {}, $metadata: { httpStatusCode: 200 } },
  "is throttled": { name: "ThrottlingException", $fault: "client", $metadata: { httpStatusCode: 400 } },
} as const;

export function describeProcess<Shape extends z.ZodRawShape>(
  manifest: HostedService,
  definition: ServiceDefinition<Shape>,
  failures: readonly (keyof typeof awsFailures)[],
): void {
  describe("process", () => {
    const aws = useLocalAws();
    const here = useService(manifest, definition, aws);

    test("serves its probes and its metrics", async () => {
      const { url } = await here.start();
      expect(await (await fetch(`${url}/livez`)).json()).toEqual({ status: "ok", service: manifest.name });
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
    });

    test("is not ready from the signal on, still answers until it drains, and then leaves nothing behind", async () => {
      const closing = new AbortController();
      const service = await here.start({}, { signal: closing.signal });
      closing.abort();
      expect((await fetch(`${service.url}/readyz`)).status).toBe(503);
      expect((await fetch(`${service.url}/livez`)).status).toBe(200);
      await service.drain();
      await expect(fetch(`${service.url}/livez`)).rejects.toThrow();
      if (manifest.waits) expect(await here.rows(manifest.names.instances)).toEqual([]);
    });

    test("that cannot have its port ends with one sentence, and leaves nothing behind", async () => {
      const { url } = await here.start({ HINTS: "off" });
      const second = here.start({ PORT: new URL(url).port });
      await expect(second).rejects.toThrow(/^PORT \d+ on 127.0.0.1 is taken[^\n]*\.$/);
      if (manifest.waits) expect(await here.rows(manifest.names.instances)).toEqual([]);
    });

    if (manifest.uses.tables.length > 0) describeMissingTables(here);
    if (manifest.uses.queues.length > 0) describeMessages(manifest, here, aws);
    describeLostAws(manifest, here, aws, failures);
    describeSilentAws(manifest, here, aws);
  });
}

type AnyService<Shape extends z.ZodRawShape> = ServiceUnderTest<Shape>;
type Aws = ReturnType<typeof useLocalAws>;

function describeMissingTables<Shape extends z.ZodRawShape>(here: AnyService<Shape>) {
  test("in a shop that was never provisioned ends with one sentence that names a table", async () => {
    const second = here.start({ SHOP: "nowhere" });
    await expect(second).rejects.toThrow(/^Table nowhere-[^\n]*\.$/);
    await expect(second).rejects.toHaveProperty("exitSentence", true);
  });
}

function describeMessages<Shape extends z.ZodRawShape>(manifest: HostedService, here: AnyService<Shape>, aws: Aws) {
  const [publisher = ""] = Object.keys(manifest.subscribes);
  const publish = () => here.otherService(publisher).publish("unheard#1", Unheard({}));

  test("receives messages until the signal, and none after it", async () => {
    using receives = watchedReceives(aws, manifest.names.queue);
    const closing = new AbortController();
    await here.start({}, { clients: receives.clients, signal: closing.signal });
    await publish();
    await expect.poll(here.messagesLeft).toBe(0);
    await expect.poll(receives.underWay).toBe(1);
    closing.abort();
    await expect.poll(receives.underWay).toBe(0);
    await publish();
    expect(await here.messagesLeft()).toBe(1);
  });

  test("told not to consume leaves the queue alone, and serves", async () => {
    using receives = watchedReceives(aws, manifest.names.queue);
    const { url } = await here.start({ CONSUME: "off" }, { clients: receives.clients });
    await publish();
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect([receives.underWay(), await here.messagesLeft()]).toEqual([0, 1]);
  });
}

function describeLostAws<Shape extends z.ZodRawShape>(
  { uses: { tables, queues } }: HostedService,
  here: AnyService<Shape>,
  aws: Aws,
  failures: readonly (keyof typeof awsFailures)[],
) {
  test.each(failures)(
    "that starts while its n-th call to AWS %s ends with one sentence, or waits for AWS",
    async (way) => {
      const failure = awsFailures[way];
      let sentences = 0;
      for (let nth = 1; ; nth++) {
        const lost = lostFrom(nth, aws, () => Promise.reject(Object.assign(new Error("lost\nfor good"), failure)));
        const service = await here.start({}, lost).catch((error: unknown) => error);
        lost.found();
        if (!(service instanceof Error)) {
          await (service as RunningService).drain();
          lost.clients.destroy();
          break;
        }
        sentences += 1;
        expect(service).toMatchObject({ exitSentence: true });
        expect(service.message).toMatch(/^(DynamoDB|SQS) [^\n]*at http:[^\n]+[.]$/);
        lost.clients.destroy();
      }
      // Each table and each queue is looked up at least once.
      expect(sentences).toBeGreaterThanOrEqual(tables.length + queues.length);
    },
  );
}

function describeSilentAws<Shape extends z.ZodRawShape>(
  { uses: { tables, queues } }: HostedService,
  here: AnyService<Shape>,
  aws: Aws,
) {
  test("that starts without an answer to its n-th call to AWS ends with its signal", async () => {
    let stopped = 0;
    for (let nth = 1; ; nth++) {
      const reached = Promise.withResolvers<void>();
      const silence = Promise.withResolvers<never>();
      // A service without resources calls no AWS.
      silence.promise.catch(() => undefined);
      const silent = lostFrom(nth, aws, () => {
        reached.resolve();
        return silence.promise;
      });
      const stopping = new AbortController();
      const starting = here
        .start({}, { clients: silent.clients, signal: stopping.signal })
        .catch((error: unknown) => error);
      await Promise.race([starting, reached.promise]);
      stopping.abort();
      const service = await starting;
      silent.found();
      silence.reject(new Error("lost"));
      const isRunning = service !== stopping.signal.reason;
      if (isRunning) await (service as RunningService).drain();
      silent.clients.destroy();
      if (isRunning) break;
      stopped += 1;
    }
    expect(stopped).toBeGreaterThanOrEqual(tables.length + queues.length);
  });
}

/** Clients whose calls fail from the n-th on, until AWS is found again. */
function lostFrom(nth: number, { endpoints }: Aws, fail: () => Promise<never>) {
  const clients = createAwsClients({ endpoints });
  let calls = 0;
  let isLost = true;
  for (const client of [clients.dynamodb, clients.sns, clients.sqs, clients.longPolls]) {
    (client as typeof clients.dynamodb).middlewareStack.add(
      (next) => (args) => {
        calls += 1;
        const fails = isLost && calls >= nth;
        return fails ? fail() : next(args);
      },
      { step: "initialize", priority: "low" },
    );
  }
  const found = () => {
    isLost = false;
  };
  return { clients, found };
}
