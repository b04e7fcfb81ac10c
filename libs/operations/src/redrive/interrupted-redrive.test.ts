import { describe, expect, test } from "vitest";
import { atEachCall, FakeShop, type Interruption, interruptions } from "../fake-shop.fixture.ts";
import { redrive } from "./redrive.ts";

const aggregate = "order#1";
const minute = 61_000;

/** A bar that was repaired when it had given up the second of four messages: it and those behind it are dead. */
async function killed() {
  const shop = new FakeShop();
  const refused = new Set(["bad"]);
  shop.openBar(refused);
  for (const [index, text] of ["a", "bad", "c", "d"].entries()) await shop.deliver(aggregate, index + 1, text);
  const dead = () => shop.queue("barista-subscriber-dead.fifo").messages;
  await shop.time.pass(() => dead().length === 3, minute);
  refused.clear();
  return { shop, dead, isDone: () => dead().length === 0 && !shop.isBlocked(aggregate) };
}

type Killed = Awaited<ReturnType<typeof killed>>;

/** Moves the first letter behind the others, where a letter lies that was redriven and failed again. */
function sendFirstToTheEnd({ shop, dead }: Killed): void {
  const [first] = dead();
  if (first === undefined) throw new Error("nothing is dead");
  const queue = shop.queue("barista-subscriber-dead.fifo");
  queue.discard(first.id);
  queue.send({ ...first, deduplicationId: "failed again" });
}

/** Letters that no consumer can receive although no run is under way. */
async function keptHidden({ shop, dead }: Killed): Promise<string[]> {
  await shop.time.pass(() => false, 1_100);
  return dead()
    .filter(({ hiddenUntil }) => hiddenUntil > shop.time.now())
    .map(({ id }) => id);
}

/** Further runs, as an operator makes them until nothing is dead. */
async function runAgain({ shop, isDone }: Killed, run: Parameters<typeof redrive>[1]): Promise<void> {
  for (let runs = 0; runs < 5 && !isDone(); runs++) {
    await shop.operate((each) => redrive(each, run));
    await shop.time.pass(isDone, minute);
  }
}

/** Returns the texts that the bar has handled in the end. Undefined when the run makes fewer calls. */
async function interruptedRun({ call, how }: Interruption, { dropsFirst = false, firstIsLast = false } = {}) {
  const here = await killed();
  const { shop, dead } = here;
  if (firstIsLast) sendFirstToTheEnd(here);
  const drop = dropsFirst ? [String(JSON.parse(dead()[0]?.body ?? "").id)] : [];
  const run = { aggregate, patienceMs: 5, drop };
  const { interrupted, result, error } = await shop.operate((each) => redrive(each, run), { call, how });
  if (interrupted === undefined) return undefined;
  // After a lost answer the received letters are unknown, and unreturned letters reappear by themselves.
  const isExcused =
    interrupted === "ChangeMessageVisibility" || (interrupted === "ReceiveMessage" && how !== "refused");
  if (error !== undefined && !isExcused) expect(await keptHidden(here)).toEqual([]);
  if (result?.[0]?.outcome !== "redriven") await runAgain(here, run);
  await shop.deliver(aggregate, 5, "e");
  await shop.time.pass(() => shop.handled().includes("e"), minute);
  return { interrupted, handled: shop.handled(), left: dead().length, isBlocked: shop.isBlocked(aggregate) };
}

describe.each(interruptions)("a redrive with an interrupted call (%s)", (how) => {
  test.each([false, true])(
    "sends every letter back, in order, in the end (the first lies last: %s)",
    async (firstIsLast) => {
      const interrupted = await atEachCall(how, async (interruption) => {
        const ended = await interruptedRun(interruption, { firstIsLast });
        if (ended === undefined) return undefined;
        expect(ended).toMatchObject({ handled: ["a", "bad", "c", "d", "e"], left: 0, isBlocked: false });
        return ended.interrupted;
      });
      expect(interrupted).toEqual(expect.arrayContaining(["SendMessage", "DeleteMessage"]));
    },
  );

  test("drops the given letter, and loses no other", async () => {
    await atEachCall(how, async (interruption) => {
      const ended = await interruptedRun(interruption, { dropsFirst: true });
      if (ended === undefined) return undefined;
      expect(ended).toMatchObject({ handled: ["a", "c", "d", "e"], left: 0, isBlocked: false });
      return ended.interrupted;
    });
  });
});
