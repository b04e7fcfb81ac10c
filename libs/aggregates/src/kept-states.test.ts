import { describe, expect, test } from "vitest";
import { type Lamp, lampShop, newLamp, switchOff, switchOn } from "./lamps.fixture.ts";
import { RecentStates } from "./recent-states.ts";

const keeps = () => true;

/** A lamp that is in the table, off, and kept by the process that made it. */
async function keptLamp() {
  const shop = lampShop();
  const here = shop.open({ keeps });
  const there = shop.open({ keeps });
  await here.lamps.commit({ outcome: "made", state: newLamp("lamp-1") });
  return { ...shop, here, there };
}

describe("the state that a process has committed", () => {
  test("is not read again for its next change", async () => {
    const { here, calls } = await keptLamp();
    expect(await calls(() => here.lamps.change("lamp-1", switchOn))).toEqual(["TransactWrite"]);
    expect(await calls(() => here.lamps.change("lamp-1", switchOff))).toEqual(["TransactWrite"]);
  });

  test("is read when another process has changed it since", async () => {
    const { here, there, calls, rowOf } = await keptLamp();
    await there.lamps.change("lamp-1", switchOn);
    expect(await calls(() => here.lamps.change("lamp-1", switchOff))).toEqual([
      "TransactWrite",
      "Get",
      "TransactWrite",
    ]);
    expect(await rowOf("lamp-1")).toEqual({ id: "lamp-1", version: 3, isOn: false });
  });

  test("is read when the decision on it commits nothing, because nothing else would prove that it is current", async () => {
    const { here, there } = await keptLamp();
    await here.lamps.change("lamp-1", switchOn);
    await there.lamps.change("lamp-1", switchOff);
    expect(await here.lamps.change("lamp-1", switchOn)).toMatchObject({ decision: { outcome: "switched-on" } });
  });

  test("is read when it is not to be kept", async () => {
    const shop = lampShop();
    const { lamps } = shop.open({ keeps: ({ isOn }) => isOn });
    await lamps.commit({ outcome: "made", state: newLamp("lamp-1") });
    expect(await shop.calls(() => lamps.change("lamp-1", switchOn))).toEqual(["Get", "TransactWrite"]);
    expect(await shop.calls(() => lamps.change("lamp-1", switchOff))).toEqual(["TransactWrite"]);
    expect(await shop.calls(() => lamps.change("lamp-1", switchOn))).toEqual(["Get", "TransactWrite"]);
  });
});

describe("a message", () => {
  const make = (known: Lamp | undefined) =>
    known === undefined ? { outcome: "made", state: newLamp("lamp-2") } : { outcome: "known" };
  const isNew = (kept: Lamp | undefined) => kept === undefined;

  test("that usually meets no aggregate makes one without a read", async () => {
    const { here, calls } = await keptLamp();
    expect(await calls(() => here.handle("lamp-2", make, { decidesWithoutRead: isNew }))).toEqual(["TransactWrite"]);
  });

  test("that usually meets none, and meets one, decides on that", async () => {
    const { here, there, calls, rowOf } = await keptLamp();
    await there.lamps.commit({ outcome: "made", state: { ...newLamp("lamp-2"), isOn: true } });
    const outcomes: string[] = [];
    const handling = async () => outcomes.push(await here.handle("lamp-2", make, { decidesWithoutRead: isNew }));
    expect((await calls(handling)).slice(0, 2)).toEqual(["TransactWrite", "Get"]);
    expect(outcomes).toEqual(["ignored"]);
    expect(await rowOf("lamp-2")).toHaveProperty("isOn", true);
  });

  test("decides on a kept state only if that is the usual one", async () => {
    const { here, calls } = await keptLamp();
    const toggle = (lamp: Lamp | undefined) => switchOff(lamp ?? newLamp("lamp-1"));
    const usually = (isOn: boolean) => (kept: Lamp | undefined) => kept?.isOn === isOn;
    expect(await calls(() => here.handle("lamp-1", toggle, { decidesWithoutRead: usually(true) }))).toEqual([
      "Get",
      "TransactWrite",
    ]);
    expect(await calls(() => here.handle("lamp-1", toggle, { decidesWithoutRead: usually(false) }))).toEqual([
      "TransactWrite",
    ]);
  });

  test("that meets more conflicts than one is handled again from the start", async () => {
    const { open, there, rowOf } = await keptLamp();
    let races = 3;
    const racing = open({
      store: {
        get: async (id) => {
          const lamp = await there.store.get(id);
          if (races-- > 0) await there.lamps.change(id, switchOff);
          return lamp;
        },
        save: there.store.save,
      },
    });
    expect(await racing.handle("lamp-1", (lamp) => switchOn(lamp ?? newLamp("lamp-1")))).toBe("committed");
    expect(await rowOf("lamp-1")).toEqual({ id: "lamp-1", version: 5, isOn: true });
  });
});

describe("recent states", () => {
  test("are found once", () => {
    const states = new RecentStates<Lamp>();
    states.keep(newLamp("lamp-1"));
    expect(states.take("lamp-1")).toEqual(newLamp("lamp-1"));
    expect(states.take("lamp-1")).toBeUndefined();
  });

  test("are a thousand: the one that was kept first gives way", () => {
    const states = new RecentStates<Lamp>();
    for (let n = 0; n < 1_000; n++) states.keep(newLamp(String(n)));
    states.keep({ ...newLamp("0"), version: 1 });
    states.keep(newLamp("1000"));
    expect(states.take("1")).toBeUndefined();
    expect(states.take("0")).toHaveProperty("version", 1);
    expect(states.take("1000")).toBeDefined();
  });
});
