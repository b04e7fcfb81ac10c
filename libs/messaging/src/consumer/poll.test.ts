import { randomUUID } from "node:crypto";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { startFaultProxy } from "@doubleshot/local-aws";
import { createAwsClients } from "@doubleshot/topology";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Noted, type NotesAws, noteCommit, openNotesAws, outboxOn } from "../../test/fixtures/notes-aws.fixture.ts";
import { on, poll, type Subscriber, subscriber } from "../index.ts";
import { Polls, until } from "./polling.fixture.ts";

let notes: NotesAws;
let polls: Polls;

beforeAll(async () => {
  notes = await openNotesAws();
});
afterAll(() => notes?.aws.close());
beforeEach(async () => {
  polls = await Polls.open(notes);
});
afterEach(() => polls.close());

describe("polling", () => {
  test.each([0, -1, Number.NaN])("does not begin with room for %d messages", async (concurrency) => {
    const sub = subscriber("readers", notes.outbox, [on(Noted, (message) => message.commit({}))]);
    const { longPolls: client } = notes.aws.clients;
    const begun = poll(sub, { client, queueUrl: notes.queueUrl, signal: polls.signal, concurrency });
    await expect(begun).rejects.toThrow(`poll's concurrency is ${concurrency}: give it a whole number`);
  });

  test("brings what was committed through relay, topic and queue to the handler, each aggregate in order", async () => {
    const ids = Array.from({ length: 12 }, () => randomUUID());
    const seen = new Map<string, string[]>();
    const { settled } = polls.startReaders(async (message) => {
      const texts = seen.get(message.subject) ?? [];
      seen.set(message.subject, [...texts, message.data.text]);
      return message.commit({});
    });
    await polls.commitNotes(ids, 5);
    await expect.poll(() => settled.length, until).toBe(60);
    for (const id of ids) {
      expect(seen.get(`note#${id}`)).toEqual([0, 1, 2, 3, 4].map((version) => `${id}:${version}`));
    }
  });

  test("gives a failed message back and handles it before those behind it", async () => {
    const id = randomUUID();
    const order: string[] = [];
    let failures = 1;
    const { settled, troubles } = polls.startReaders(async (message) => {
      if (failures-- > 0) throw new Error("not today");
      order.push(message.data.text);
      return message.commit({});
    });
    await polls.commitNotes([id], 3);
    await expect.poll(() => settled.length, until).toBe(3);
    expect(order).toEqual([`${id}:0`, `${id}:1`, `${id}:2`]);
    expect(troubles).toMatchObject([{ kind: "failed", receiveCount: 1 }]);
  });

  test("one aggregate's failing handler does not hold up another's", async () => {
    const [poisoned, well] = [randomUUID(), randomUUID()];
    const { settled } = polls.startReaders(async (message) => {
      if (message.subject === `note#${poisoned}`) throw new Error("poison");
      return message.commit({});
    });
    await polls.commitNotes([poisoned, well], 3);
    await expect.poll(() => settled.length, until).toBe(3);
    expect(new Set(settled.map(({ subject }) => subject))).toEqual(new Set([`note#${well}`]));
    await polls.stop();
    // Leave an empty queue to the next test.
    const { settled: rest } = polls.startReaders((message) => message.commit({}));
    await expect.poll(() => rest.length, until).toBe(3);
  });

  test("takes what its handler's own calls to others meet for the handler's failure: no other message waits", async () => {
    const nobody = await startFaultProxy(notes.aws.endpoints.dynamodb);
    await nobody.close();
    const [unlucky, well] = [randomUUID(), randomUUID()];
    const { settled, troubles } = polls.startReaders(async (message) => {
      if (message.subject === `note#${unlucky}` && message.receiveCount === 1) await fetch(nobody.url);
      return message.commit({});
    });
    await polls.commitNotes([unlucky, well], 1);
    await expect.poll(() => settled.length, until).toBe(2);
    expect(troubles).toMatchObject([{ kind: "failed", receiveCount: 1 }]);
  });
});

describe("polling through outages and long handlers", () => {
  test("costs a message no attempt while DynamoDB is away", async () => {
    const id = randomUUID();
    const throughProxy = createAwsClients({ endpoints: { ...notes.aws.endpoints, dynamodb: polls.proxy.url } });
    const counts: number[] = [];
    polls.proxy.inflict(() => "drop");
    const { settled, troubles } = polls.startReaders(
      (message) => {
        counts.push(message.receiveCount);
        return message.commit({ writes: [] });
      },
      {},
      outboxOn(throughProxy.documents),
    );
    await polls.commitNotes([id], 2);
    await expect.poll(() => counts.length, until).toBeGreaterThan(0);
    polls.proxy.inflict(() => "pass");
    await expect.poll(() => settled.length, until).toBe(2);
    expect(new Set(counts)).toEqual(new Set([1]));
    expect(troubles.every(({ kind }) => kind === "outage")).toBe(true);
    throughProxy.destroy();
  });

  test("keeps a message hidden also while nobody can say whether its group is blocked", async () => {
    const clients = createAwsClients({ endpoints: { ...notes.aws.endpoints, dynamodb: polls.proxy.url } });
    let heartbeats = 0;
    clients.longPolls.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === "ChangeMessageVisibilityBatchCommand") heartbeats += 1;
          return next(args);
        },
      { step: "initialize" },
    );
    // Three times the visibility timeout, in heartbeats of a third of it.
    polls.proxy.inflict(({ operation }) => (operation === "BatchGetItem" && heartbeats < 9 ? "drop" : "pass"));
    const counts: number[] = [];
    const { settled } = polls.startReaders(
      (message) => {
        counts.push(message.receiveCount);
        return message.commit({});
      },
      { client: clients.longPolls, visibilityTimeoutSeconds: 1, deadLetters: { queueUrl: notes.deadLetterUrl } },
      outboxOn(clients.documents),
    );
    const receivedElsewhere = async () => {
      const { Messages = [] } = await notes.aws.clients.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: notes.queueUrl, WaitTimeSeconds: 1 }),
      );
      return Messages.length;
    };
    await polls.commitNotes([randomUUID()], 1);
    await expect.poll(() => heartbeats, until).toBeGreaterThan(3);
    expect(await receivedElsewhere()).toBe(0);
    await expect.poll(() => settled.length, until).toBe(1);
    expect(counts).toEqual([1]);
    await polls.stop();
    clients.destroy();
  });
});

describe("polling to its end", () => {
  test("keeps a message hidden for as long as its handler takes", async () => {
    const queueProxy = await startFaultProxy(notes.aws.endpoints.sqs);
    let heartbeats = 0;
    queueProxy.inflict(({ operation }) => {
      if (operation === "ChangeMessageVisibilityBatch") heartbeats += 1;
      return "pass";
    });
    const throughProxy = createAwsClients({ endpoints: { ...notes.aws.endpoints, sqs: queueProxy.url } });
    const counts: number[] = [];
    const { settled } = polls.startReaders(
      async (message) => {
        counts.push(message.receiveCount);
        // Three times the visibility timeout, in heartbeats of a third of it.
        await expect.poll(() => heartbeats, until).toBeGreaterThanOrEqual(9);
        return message.commit({});
      },
      { client: throughProxy.longPolls, visibilityTimeoutSeconds: 1 },
    );
    await polls.commitNotes([randomUUID()], 1);
    await expect.poll(() => settled.length, until).toBe(1);
    expect(counts).toEqual([1]);
    await polls.stop();
    throughProxy.destroy();
    await queueProxy.close();
  });

  test("stops: finishes what is being handled, and gives back the rest for the next consumer", async () => {
    const [slow, behind] = [randomUUID(), randomUUID()];
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let begun = 0;
    const first = polls.startReaders(
      async (message) => {
        begun += 1;
        await released;
        return message.commit({});
      },
      { concurrency: 1 },
    );
    await polls.commitNotes([slow, behind], 2);
    await expect.poll(() => begun, until).toBe(1);
    const ended = polls.stop();
    release();
    await ended;
    expect(first.settled).toHaveLength(1);
    const second = polls.startReaders((message) => message.commit({}));
    await expect.poll(() => second.settled.length, until).toBe(3);
  });
});

test("an error of a callback ends the poll, and leaves its messages to the next", async () => {
  const id = randomUUID();
  const sub = subscriber(`readers-${randomUUID()}`, notes.outbox, [on(Noted, (message) => message.commit({}))]);
  const broken = poll(sub, {
    client: notes.aws.clients.longPolls,
    queueUrl: notes.queueUrl,
    signal: polls.signal,
    visibilityTimeoutSeconds: 1,
    onSettled: () => {
      throw new Error("cannot be told");
    },
  });
  await polls.commitNotes([id], 2);
  await expect(broken).rejects.toThrow("cannot be told");
  const { settled } = polls.startReaders((message) => message.commit({}));
  await expect.poll(() => settled.length, until).toBe(2);
});

test("the message on the wire keeps its shape", async () => {
  const bodies: string[] = [];
  const readers = subscriber("spy", notes.outbox, []);
  const sub: Subscriber = {
    ...readers,
    handle: (delivery) => {
      bodies.push(delivery.body);
      return readers.handle(delivery);
    },
  };
  polls.start(sub);
  await notes.outbox.commit(noteCommit("snapshot", "☕ \u{1f600}"));
  await expect.poll(() => bodies.length, until).toBe(1);
  const varying = /[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:.]+Z/g;
  expect(bodies[0]?.replaceAll(varying, "<varies>")).toMatchSnapshot();
});
