import { expect, test } from "vitest";
import type { Hint } from "./hints/index.ts";
import { Notifier } from "./notifier.ts";
import { delivered, type Parcel, ParcelTable, waitersFor } from "./parcel-table.fixture.ts";

/** The instance at "here", and the hints that it sends. */
function instance(...instances: string[]) {
  const table = new ParcelTable();
  const sent: [string, Hint][] = [];
  const hints = { instanceId: "here", send: (instanceId: string, hint: Hint) => void sent.push([instanceId, hint]) };
  const waiters = waitersFor(table);
  const notifier = new Notifier<Parcel>({ waiters, hints, instancesOf: () => instances });
  return { table, sent, waiters, notifier };
}

test("a change answers the callers here, and sends hints to the other instances, each once", async () => {
  const { waiters, notifier, sent, table } = instance("there", "here", "elsewhere", "there");
  const wait = waiters.wait("ada");
  notifier.changed(delivered("ada"));
  expect(await wait.ended).toEqual({ outcome: "answered", record: delivered("ada") });
  expect(table.reads).toEqual([]);
  expect(sent).toEqual([
    ["there", { id: "ada", version: 2 }],
    ["elsewhere", { id: "ada", version: 2 }],
  ]);
});

test("a change that may be an old one is read for the callers here, and sends hints all the same", async () => {
  const { waiters, notifier, sent, table } = instance("there");
  table.put(delivered("ada", 3));
  const wait = waiters.wait("ada");
  notifier.changedBefore(delivered("ada"));
  expect(await wait.ended).toEqual({ outcome: "answered", record: delivered("ada", 3) });
  expect(sent).toEqual([["there", { id: "ada", version: 2 }]]);
});
