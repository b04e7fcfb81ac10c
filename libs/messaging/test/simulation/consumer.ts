import type { SQSEvent } from "aws-lambda";
import { lambdaConsumer } from "../../src/consumer/lambda-consumer.ts";
import { poll } from "../../src/consumer/poll.ts";
import { ignore, type Settled } from "../../src/outbox/outcome.ts";
import type { Message } from "../../src/subscriber/message.ts";
import { on, subscriber } from "../../src/subscriber/subscriber.ts";
import type { FakeAws } from "../../src/testing/fake-aws.ts";
import type { FakeClients } from "../../src/testing/fake-clients.ts";
import type { Handler } from "../../src/testing/hosts/fake-function.ts";
import type { FakeProcess } from "../../src/testing/hosts/fake-process.ts";
import { queueUrl } from "../../src/testing/sqs/fake-sqs.ts";
import { Noted, Paged } from "./events.ts";
import type { HandlerRuns } from "./handler-runs.ts";
import { pagerVisibilitySeconds } from "./hidden-messages.ts";
import { load, newOutbox } from "./producer.ts";
import { tables } from "./tables.ts";

export interface ConsumerOptions {
  readonly aws: FakeAws;
  /** Whether the pager's handler commits events. */
  readonly chained: boolean;
  /** Whether the handler fails for this aggregate now. */
  readonly isPoison: (aggregate: string) => boolean;
  readonly runs: HandlerRuns;
  /** Called for each failure of a handler itself, with subscriber and message group. */
  readonly onFailure: (subscriber: string, group: string) => void;
}

/** Few, to keep scenarios short. */
const maxAttempts = 4;

type NoteMessage = Message<{ text: string }>;

/** A process that polls. It appends each note to a page of the same name, under an optimistic lock. */
export async function runPager(process: FakeProcess, options: ConsumerOptions, signal: AbortSignal): Promise<void> {
  const clients = options.aws.clients(process);
  const pager = subscriber("pager", newOutbox(options.aws, process), [
    on(Noted, (message) => options.runs.run("pager", message.id, () => page(message, clients, options, process))),
    on(Paged, async () => ignore("its own")),
  ]);
  await poll(pager, {
    client: clients.sqs,
    queueUrl: queueUrl("pager.fifo"),
    deadLetters: { queueUrl: queueUrl("pager-dead.fifo"), maxAttempts },
    visibilityTimeoutSeconds: pagerVisibilitySeconds,
    signal,
    clock: process.clock,
  });
}

async function page(
  message: NoteMessage,
  { documents }: FakeClients,
  options: ConsumerOptions,
  process: FakeProcess,
): Promise<Settled> {
  await mayFailOrBeSlow(message, options, process).catch((error: unknown) => {
    options.onFailure("pager", message.subject);
    throw error;
  });
  const id = message.subject;
  const { lines, version } = await load(documents, tables.pages, id);
  return message.commit({
    aggregate: `page#${id}`,
    save: { table: tables.pages, key: { id }, item: { lines: [...lines, message.data.text] }, expected: version },
    events: options.chained ? [Paged({ text: message.data.text })] : [],
  });
}

async function mayFailOrBeSlow(
  message: NoteMessage,
  { aws, isPoison }: ConsumerOptions,
  process: FakeProcess,
): Promise<void> {
  if (isPoison(message.subject)) {
    aws.faults.saw("handler-poisoned");
    throw new Error("The handler fails for this aggregate.");
  }
  mayFail(aws);
  if (aws.faults.strikes("handler-slow")) await process.clock.sleep(aws.random.integer(1_000, 40_000));
}

function mayFail({ faults }: FakeAws): void {
  if (faults.strikes("handler-failed")) throw new Error("The handler failed at random.");
  if (faults.strikes("handler-gave-up"))
    throw Object.assign(new Error("The handler failed for good."), { permanent: true });
}

/** A Lambda function. It appends notes and pages to a copy without a lock: only the inbox keeps it from doing so twice. */
export function loadCopier(process: FakeProcess, { aws, onFailure, runs }: ConsumerOptions): Handler<SQSEvent> {
  const { sqs } = aws.clients(process);
  const outbox = newOutbox(aws, process);
  const copy = (message: NoteMessage) => runs.run("copier", message.id, () => copyOnce(message));
  const copyOnce = async (message: NoteMessage): Promise<Settled> => {
    try {
      mayFail(aws);
    } catch (error) {
      onFailure("copier", message.subject);
      throw error;
    }
    return message.commit({ writes: [{ Update: appendText(message) }] });
  };
  const deadLetters = { client: sqs, queueUrl: queueUrl("copier-dead.fifo"), maxAttempts };
  return lambdaConsumer(subscriber("copier", outbox, [on(Noted, copy), on(Paged, copy)]), { deadLetters });
}

function appendText({ subject, data }: NoteMessage) {
  return {
    TableName: tables.copies,
    Key: { id: subject },
    UpdateExpression: "SET #lines = list_append(if_not_exists(#lines, :none), :line)",
    ExpressionAttributeNames: { "#lines": "lines" },
    ExpressionAttributeValues: { ":none": [], ":line": [data.text] },
  };
}
