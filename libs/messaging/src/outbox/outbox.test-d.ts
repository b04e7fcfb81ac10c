import { z } from "zod";
import { defineEvent, type Message, type Outbox, on, type Settled, type Write } from "../index.ts";
import { ignore } from "./outcome.ts";

const Placed = defineEvent("Placed", { version: 1, schema: z.object({ id: z.string() }) });
declare const outbox: Outbox;
declare const write: Write;
const save = { table: "orders", key: { id: "1" }, item: {}, expected: 0 };
const events = [Placed({ id: "1" })];

// Right uses.
void outbox.commit({ aggregate: "order#1", save, events });
void outbox.commit({ aggregate: "reservation#1", version: 1, events, writes: [write] });
void outbox.commit({ writes: [write] });

// @ts-expect-error events belong to a version of an aggregate
void outbox.commit({ events, writes: [write] });
// @ts-expect-error an aggregate's events need a version: that of its saved item, or one given
void outbox.commit({ aggregate: "order#1", events });
// @ts-expect-error the saved item has the version; a second one could contradict it
void outbox.commit({ aggregate: "order#1", save, version: 2, events });

// @ts-expect-error the commit writes the item's version itself
void outbox.commit({ aggregate: "order#1", save: { ...save, item: { version: 1 } }, events });

void outbox.commit({ aggregate: "order#1", save: { ...save, recreate: true }, events });
// @ts-expect-error nothing is saved that could be recreated
void outbox.commit({ aggregate: "order#1", version: 1, recreate: true, events });
// @ts-expect-error a recreated item needs an expected version, too
void outbox.commit({ aggregate: "order#1", save: { table: "orders", key: { id: "1" }, item: {}, recreate: true } });

export async function onlyGuardedCommitsCanBeRefused(): Promise<void> {
  const plain = await outbox.commit({ aggregate: "order#1", save, events });
  const always: "committed" = plain.outcome;
  const guarded = await outbox.commit({ aggregate: "order#1", save, guarded: { request: write, credit: write } });
  // @ts-expect-error it may have been refused
  const never: "committed" = guarded.outcome;
  if (guarded.outcome === "refused") {
    const by: "request" | "credit" = guarded.by;
    // @ts-expect-error nothing of that name was guarded
    const other: "stock" = guarded.by;
    void [by, other];
  }
  void [always, never];
}

// Handlers: right uses.
on(Placed, (message) => message.commit({ writes: [write] }));
on(Placed, async () => ignore("nothing to do"));
on(Placed, async (message) => {
  const result = await message.commit({ guarded: { stock: write } });
  return result.outcome === "refused" ? ignore(`no ${result.by}`) : result;
});

// @ts-expect-error the handler forgets to commit
on(Placed, async () => undefined);
// @ts-expect-error the plain outbox leaves no record of the message, so its result settles nothing
on(Placed, () => outbox.commit({ writes: [write] }));
// @ts-expect-error a refusal is left undecided
on(Placed, (message) => message.commit({ guarded: { stock: write } }));
// @ts-expect-error a result made by hand proves nothing
on(Placed, async () => ({ outcome: "committed" as const }));
// @ts-expect-error the data has no such field
on(Placed, async (message) => ignore(message.data.name));

export function dataIsTyped(message: Message<{ id: string }>): Promise<Settled> {
  const id: string = message.data.id;
  return Promise.resolve(ignore(id));
}
