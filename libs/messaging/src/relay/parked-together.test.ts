import { expect, test } from "vitest";
import { ample, insertion } from "../../test/fixtures/stream-records.fixture.ts";
import { FakeAws, type FakeProcess, VirtualTime } from "../testing/index.ts";
import { relay } from "./relay.ts";

const byVersion = { partition: { name: "aggregate", type: "S" }, sort: { name: "version", type: "N" } } as const;

/** Relays of one outbox, each in its own process. The topic refuses these messages for good. */
function openRelays(...refused: string[]) {
  const time = new VirtualTime();
  const aws = new FakeAws({
    time,
    latencyMs: [0, 0],
    tables: { parked: { key: byVersion } },
    topics: ["events.fifo"],
    refuses: ({ Message = "" }) => refused.includes(Message),
  });
  const begin = (name: string, publishTakes = 0) => {
    const process = aws.process(name);
    const { sns, documents } = aws.clients(process);
    sns.middlewareStack.add((next) => async (args) => process.clock.sleep(publishTakes).then(() => next(args)), {
      step: "initialize",
      priority: "high",
    });
    const parking = { client: documents, table: "parked", clock: process.clock };
    const topicArn = aws.topicArn("events.fifo");
    return relay({ client: sns, topicArn, source: "/notes", parking, clock: process.clock });
  };
  const published = () => aws.sns.topic("events.fifo").taken.map(({ body }) => body);
  return { time, begin, published, clock: aws.process("test").clock };
}

/** Runs the work while virtual time passes. */
async function livedThrough<T>(time: VirtualTime, work: Promise<T>): Promise<T> {
  let isOver = false;
  const ended = work.finally(() => {
    isOver = true;
  });
  ended.catch(() => undefined);
  await time.pass(() => isOver, 60_000);
  return ended;
}

type Clock = FakeProcess["clock"];
const later = (clock: Clock, milliseconds: number, work: () => Promise<unknown>) =>
  clock.sleep(milliseconds).then(work);

test("an aggregate parked while the parking of another one takes its time is as safe as that one", async () => {
  const { time, begin, published, clock } = openRelays("a", "b");
  const [one, other] = [begin("one", 500), begin("other")];
  await livedThrough(time, begin("before")({ Records: [insertion("o#1", 1, ["a"], 0)] }, ample));
  const both = [insertion("o#1", 2, ["behind a"], 1), insertion("o#2", 1, ["b"], 2)];
  await livedThrough(
    time,
    Promise.all([
      one({ Records: both }, ample).then(() => other({ Records: [insertion("o#2", 2, ["behind b"], 4)] }, ample)),
      // "b" is refused twice, which takes a second. The other relay reads the index just before that.
      later(clock, 990, () => other({ Records: [insertion("o#3", 1, ["x"], 3)] }, ample)),
    ]),
  );
  expect(published()).toEqual(["x"]);
});

test("several aggregates that are refused at once are all parked, and what is behind them too", async () => {
  const refused = ["a", "b", "c", "d"];
  const { time, begin, published } = openRelays(...refused);
  const [one, other] = [begin("one"), begin("other")];
  await livedThrough(time, other({ Records: [insertion("o#x", 1, ["x"], 0)] }, ample));
  const firsts = refused.map((text, index) => insertion(`o#${text}`, 1, [text, `after ${text}`], index + 1));
  await livedThrough(time, one({ Records: [...firsts, insertion("o#y", 1, ["y"], 9)] }, ample));
  const seconds = refused.map((text, index) => insertion(`o#${text}`, 2, [`behind ${text}`], index + 10));
  expect(await livedThrough(time, other({ Records: seconds }, ample))).toEqual({ batchItemFailures: [] });
  expect(published()).toEqual(["x", "y"]);
});
