import { setTimeout as sleep } from "node:timers/promises";
import { refusalOfPage } from "@doubleshot/topology/web-pages";
import { buildApp } from "fauxqs";
import { reason } from "../log.ts";
import { StartRefusedError } from "../start-refused.ts";
import { endAbandonedLongPolls } from "./abandoned-long-polls.ts";
import { internals } from "./internals.ts";
import { slowIdleTimers } from "./queue-timers.ts";

export interface Messaging {
  /** One address for SNS, SQS and S3. */
  readonly url: string;
  close(): Promise<void>;
}

export interface MessagingOptions {
  /** 0 picks a free one. */
  readonly port: number;
  /** Folder of the SQLite file; without one everything lives in memory. */
  readonly folder?: string;
  /** Returns the answer of a ReceiveMessage that the consumer gets in place of this one. Both are JSON. */
  readonly onReceive?: (queueUrl: string, answer: string) => Promise<string>;
}

/** A port of a process that was just killed may still be held for a moment; one that is really taken stays taken. */
const takenPortTimeoutMs = 1000;
const portRetryMs = 50;

/**
 * Starts the SNS, SQS and S3 emulator in this process, on 127.0.0.1.
 * Throws StartRefusedError when the port is taken or the folder cannot be used.
 */
export async function startMessaging(options: MessagingOptions): Promise<Messaging> {
  const persisted = options.folder === undefined ? undefined : await openPersisted(options.folder);
  const deadline = Date.now() + takenPortTimeoutMs;
  for (;;) {
    const app = buildApp({ logger: false, ...(persisted && { stores: persisted.stores }) });
    refusePages(app);
    if (options.onReceive) changeReceives(app, options.onReceive);
    await endAbandonedLongPolls(app);
    await slowIdleTimers();
    try {
      const url = await app.listen({ port: options.port, host: "127.0.0.1" });
      return {
        url,
        close: async () => {
          await app.close();
          persisted?.close();
        },
      };
    } catch (error) {
      await app.close();
      if (isTaken(error) && Date.now() < deadline) {
        await sleep(portRetryMs);
        continue;
      }
      persisted?.close();
      if (!isTaken(error)) throw error;
      throw new StartRefusedError(
        `Port ${options.port} for SNS, SQS and S3 is taken by another process: stop that one, or set MESSAGING_PORT to a free port (0 picks one).`,
      );
    }
  }
}

function refusePages(app: ReturnType<typeof buildApp>): void {
  app.addHook("onRequest", (request, reply, done) => {
    const message = refusalOfPage(request.method, request.headers);
    if (message === undefined) done();
    else reply.code(403).send({ __type: "AccessDeniedException", message });
  });
}

function changeReceives(app: ReturnType<typeof buildApp>, onReceive: NonNullable<MessagingOptions["onReceive"]>): void {
  app.addHook<string>("onSend", async ({ headers, body }, reply, payload) => {
    if (headers["x-amz-target"] !== "AmazonSQS.ReceiveMessage" || reply.statusCode !== 200) return payload;
    const { QueueUrl = "" } = body as { QueueUrl?: string };
    return onReceive(QueueUrl, payload);
  });
}

const isTaken = (error: unknown) => error instanceof Error && "code" in error && error.code === "EADDRINUSE";

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>["stores"]>;

interface Persistence {
  readonly db: { exec(sql: string): void };
  load(sqs: Stores["sqsStore"], sns: Stores["snsStore"], s3: Stores["s3Store"]): void;
  close(): void;
}

interface Internals {
  SqsStore: new () => Stores["sqsStore"];
  SnsStore: new () => Stores["snsStore"];
  S3Store: new () => Stores["s3Store"];
  PersistenceManager: new (folder: string) => Persistence;
}

const files = ["./sqs/sqsStore.js", "./sns/snsStore.js", "./s3/s3Store.js", "./persistence.js"];

/**
 * fauxqs' own `startFauxqs({ dataDir })` listens on every interface of the machine and has no option for that, so
 * its wiring of stores and persistence (app.js, version 2.4.1) is repeated here around `buildApp`, whose result we
 * can bind to loopback.
 */
async function openPersisted(folder: string): Promise<{ stores: Stores; close(): void }> {
  const { SqsStore, SnsStore, S3Store, PersistenceManager } = await internals<Internals>(...files);
  const persistence = open(() => new PersistenceManager(folder), folder);
  // SQLite waits for the disk at each message otherwise, which doubles a hop. Like this a write outlives any process,
  // and only a power cut may take the last ones, as with dynoxide.
  persistence.db.exec("PRAGMA synchronous = NORMAL");
  const sqsStore = new SqsStore();
  const snsStore = new SnsStore();
  const s3Store = new S3Store();
  // Before the stores know their persistence: loading would write each row again, and replacing a queue's row
  // deletes its messages.
  open(() => persistence.load(sqsStore, snsStore, s3Store), folder);
  for (const store of [sqsStore, snsStore, s3Store, ...sqsStore.allQueues()]) Object.assign(store, { persistence });
  return { stores: { sqsStore, snsStore, s3Store }, close: () => persistence.close() };
}

function open<T>(step: () => T, folder: string): T {
  try {
    return step();
  } catch (error) {
    throw new StartRefusedError(
      `The messages under ${folder} cannot be read (${reason(error)}): make the folder writable, or start over with npm start -- --fresh.`,
    );
  }
}
