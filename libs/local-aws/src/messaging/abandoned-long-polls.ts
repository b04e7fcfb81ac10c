import { AsyncLocalStorage } from "node:async_hooks";
import type { ServerResponse } from "node:http";
import type { buildApp } from "fauxqs";
import { internals } from "./internals.ts";

type App = ReturnType<typeof buildApp>;

/** The part of fauxqs' queue (sqs/sqsStore.js, version 2.4.1) that holds the calls that wait for messages. */
interface Queue {
  readonly pollWaiters: { readonly timer: NodeJS.Timeout }[];
  waitForMessages(seconds: number): Promise<void>;
}

const answers = new AsyncLocalStorage<ServerResponse>();
let isPatched = false;

/**
 * Ends a long poll whose caller has gone.
 *
 * fauxqs waits on for up to twenty seconds, and answers the closed connection with the next message: it stays hidden until its
 * visibility timeout runs out, and has lost an attempt. SQS does so, too (`docs/quirks.md`), and a consumer's receives end with it
 * when it stops. One that is killed would delay its successor by that long, each time that a developer kills a process.
 */
export async function endAbandonedLongPolls(app: App): Promise<void> {
  await patchQueues();
  // Not before the body has been read: the context would be that of the socket.
  app.addHook("preHandler", (_request, reply, done) => answers.run(reply.raw, done));
}

async function patchQueues(): Promise<void> {
  if (isPatched) return;
  isPatched = true;
  const { SqsQueue } = await internals<{ SqsQueue: { prototype: Queue } }>("./sqs/sqsStore.js");
  const waitForMessages = SqsQueue.prototype.waitForMessages;
  SqsQueue.prototype.waitForMessages = function (this: Queue, seconds: number): Promise<void> {
    const answer = answers.getStore();
    const waiting = waitForMessages.call(this, seconds);
    const waiter = this.pollWaiters.at(-1);
    if (answer === undefined || waiter === undefined) return waiting;
    const gone = new Promise<never>((_resolve, reject) => {
      answer.once("close", () => {
        const index = this.pollWaiters.indexOf(waiter);
        if (index === -1) return;
        this.pollWaiters.splice(index, 1);
        clearTimeout(waiter.timer);
        reject(new Error("The caller has gone."));
      });
    });
    return Promise.race([waiting, gone]);
  };
}
