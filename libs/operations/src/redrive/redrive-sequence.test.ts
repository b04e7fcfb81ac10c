import fc from "fast-check";
import { expect, test } from "vitest";
import { RedriveSequence } from "./redrive-sequence.ts";

/** Runs a dead-letter queue of one aggregate until it is empty; `arrivals[n]` comes after the n-th step. */
function redriveAll(
  queue: string[],
  arrivals: ReadonlyMap<number, string> = new Map(),
): { sent: string[]; steps: number } {
  const redrive = new RedriveSequence();
  const messages = queue.map((sequence) => ({ sequence, moved: false }));
  const sent: string[] = [];
  let steps = 0;
  for (let message = messages.shift(); message !== undefined; message = messages.shift()) {
    steps += 1;
    if (redrive.next(message.sequence, message.moved) === "send") {
      redrive.sent(message.sequence);
      sent.push(message.sequence);
    } else {
      messages.push({ ...message, moved: true });
    }
    const arrival = arrivals.get(steps);
    if (arrival !== undefined) messages.push({ sequence: arrival, moved: false });
  }
  return { sent, steps };
}

test("messages in order are each moved once, then sent in that order", () => {
  expect(redriveAll(["1", "2", "3"])).toEqual({ sent: ["1", "2", "3"], steps: 6 });
});

test("messages in any order, copies included, are sent in the order of their sequences", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 100, max: 120 }).map(String), { maxLength: 12 }), (queue) => {
      expect(redriveAll(queue).sent).toEqual(queue.toSorted());
    }),
  );
});

test("messages that arrive meanwhile are sent after the earlier ones", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 100, max: 120 }).map(String), { minLength: 1, maxLength: 8 }),
      fc.nat(100),
      (queue, step) => {
        const { sent } = redriveAll(queue, new Map([[1 + (step % (2 * queue.length)), "200"]]));
        expect(sent).toEqual([...queue, "200"].toSorted());
      },
    ),
  );
});
