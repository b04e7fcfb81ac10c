import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { ConcurrencyConflictError } from "@doubleshot/messaging";
import { describe, expect, test } from "vitest";
import { atNextVersion } from "./aggregates.ts";
import { type Lamp, lampShop, newLamp, switchOff, switchOn } from "./lamps.fixture.ts";

/** A lamp that is in the table, off. */
async function oneLamp(options: Parameters<ReturnType<typeof lampShop>["open"]>[0] = {}) {
  const shop = lampShop();
  const process = shop.open(options);
  await process.lamps.commit({ outcome: "made", state: newLamp("lamp-1") });
  process.committed.length = 0;
  return { ...shop, ...process };
}

const off: Lamp = { ...newLamp("lamp-1"), version: 1 };
const on: Lamp = { ...off, version: 2, isOn: true };

describe("a change", () => {
  test("commits the decision with its events, returns the state, and notifies", async () => {
    const { lamps, rowOf, committed, client } = await oneLamp();
    const changed = await lamps.change("lamp-1", switchOn);
    expect(changed).toMatchObject({ decision: { outcome: "switched-on", state: on }, state: on });
    expect(await rowOf("lamp-1")).toEqual(on);
    expect(committed).toEqual([{ outcome: "switched-on", state: on, before: off }]);
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: "lamps-outbox",
        KeyConditionExpression: "#aggregate = :aggregate",
        ExpressionAttributeNames: { "#aggregate": "aggregate" },
        ExpressionAttributeValues: { ":aggregate": "lamp#lamp-1" },
      }),
    );
    expect(Items).toMatchObject([{ version: 2, events: [{ type: "SwitchedOn" }] }]);
  });

  test("without a state commits nothing, and returns the state that was loaded", async () => {
    const { lamps, committed } = await oneLamp();
    expect(await lamps.change("lamp-1", () => ({ outcome: "unchanged" }))).toEqual({
      decision: { outcome: "unchanged" },
      state: off,
    });
    expect(committed).toEqual([]);
  });

  test("of an aggregate that is not there is unknown", async () => {
    const { lamps } = await oneLamp();
    expect(await lamps.change("lamp-2", switchOn)).toEqual({ decision: { outcome: "unknown" }, state: undefined });
  });

  test("that meets another commit decides again on the newer state", async () => {
    const { lamps, open, committed } = await oneLamp();
    const other = open();
    let races = 1;
    const seen: Lamp[] = [];
    const outcome = await lamps.change("lamp-1", (lamp) => {
      seen.push(lamp);
      return switchOn(lamp);
    });
    expect(outcome.state).toEqual(on);
    seen.length = 0;
    const store = open({
      store: {
        get: async (id) => {
          const lamp = (await other.store.get(id)) as Lamp;
          if (races-- > 0) await other.lamps.change(id, switchOff);
          return lamp;
        },
        save: other.store.save,
      },
    });
    const { state } = await store.lamps.change("lamp-1", (lamp) => {
      seen.push(lamp);
      return switchOff(lamp);
    });
    expect(seen).toEqual([on, { ...on, version: 3, isOn: false }]);
    expect(state).toEqual({ ...on, version: 4, isOn: false });
    expect(committed).toHaveLength(1);
  });
});

describe("one commit", () => {
  test("of a state that is old throws a conflict, and notifies nobody", async () => {
    const { lamps, committed } = await oneLamp();
    await expect(lamps.commit(switchOff(newLamp("lamp-1")))).rejects.toThrow(ConcurrencyConflictError);
    expect(committed).toEqual([]);
  });

  test("with a failed guard is refused, and notifies nobody", async () => {
    const { lamps, committed, rowOf } = await oneLamp();
    const ConditionExpression = "attribute_not_exists(id)";
    const taken = { Put: { TableName: "lamps-requests", Item: { key: "k" }, ConditionExpression } };
    const other = { ...newLamp("lamp-2"), isOn: true };
    const guarded = {
      key: {
        ...taken,
        Put: { ...taken.Put, ConditionExpression: "attribute_exists(#k)", ExpressionAttributeNames: { "#k": "key" } },
      },
    };
    expect(await lamps.commit({ outcome: "made", state: other }, { guarded })).toMatchObject({
      outcome: "refused",
      by: "key",
    });
    expect(committed).toEqual([]);
    expect(await rowOf("lamp-2")).toBeUndefined();
  });

  test("carries the aggregate's correlation id", async () => {
    const { lamps, client } = await oneLamp({ contextOf: ({ id }) => ({ correlationId: `story of ${id}` }) });
    await lamps.change("lamp-1", switchOn);
    const { Items: [row] = [] } = await client.send(
      new QueryCommand({
        TableName: "lamps-outbox",
        KeyConditionExpression: "#aggregate = :aggregate",
        ExpressionAttributeNames: { "#aggregate": "aggregate" },
        ExpressionAttributeValues: { ":aggregate": "lamp#lamp-1" },
      }),
    );
    expect(JSON.parse(row?.events[0].json)).toHaveProperty("correlationid", "story of lamp-1");
  });

  test("that another call learned of is notified in the same way", async () => {
    const { lamps, committed } = await oneLamp();
    lamps.committed(switchOff(off), off);
    expect(committed).toEqual([{ outcome: "switched-off", state: atNextVersion(off), before: off }]);
  });
});

describe("a message", () => {
  const decide = (lamp: Lamp | undefined) =>
    lamp === undefined ? { outcome: "unknown", reason: "there is no such lamp" } : switchOn(lamp);

  test("is handled once: its change is notified, and a duplicate is notified as a repetition", async () => {
    const { handle, committed, repeated, rowOf } = await oneLamp();
    expect(await handle("lamp-1", decide, { message: "m-1" })).toBe("committed");
    expect(committed).toEqual([{ outcome: "switched-on", state: on, before: off }]);
    // The same message again, to a process that loaded the lamp before the first was handled.
    const switchAgain = () => ({ outcome: "switched-off", state: { ...on, isOn: false } });
    expect(await handle("lamp-1", switchAgain, { message: "m-1" })).toBe("duplicate");
    expect(repeated).toEqual([{ ...on, version: 3, isOn: false }]);
    expect(committed).toHaveLength(1);
    expect(await rowOf("lamp-1")).toEqual(on);
  });

  test("that changes nothing is ignored for its reason, and notified as a repetition", async () => {
    const { handle, repeated, client, lamps } = await oneLamp();
    await lamps.change("lamp-1", switchOn);
    expect(await handle("lamp-1", decide, { message: "m-1" })).toBe("ignored");
    expect(repeated).toEqual([on]);
    expect(await handle("lamp-2", decide, { message: "m-2" })).toBe("ignored");
    expect(repeated).toHaveLength(1);
    const inbox = await client.send(
      new QueryCommand({
        TableName: "lamps-inbox",
        KeyConditionExpression: "#message = :message",
        ExpressionAttributeNames: { "#message": "message" },
        ExpressionAttributeValues: { ":message": "lamps#m-2" },
      }),
    );
    expect(inbox.Items).toMatchObject([{ ignored: "there is no such lamp" }]);
  });
});
