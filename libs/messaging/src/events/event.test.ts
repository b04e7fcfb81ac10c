import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineEvent } from "./event.ts";
import { InvalidEventDataError } from "./standard-schema.ts";

const Greeted = defineEvent("Greeted", {
  version: 2,
  schema: z.object({ name: z.object({ first: z.string() }) }),
  upcast: (data, from) => (from === 1 ? { name: { first: (data as { name: unknown }).name } } : data),
});

describe("an event definition", () => {
  test("makes pending events whose data is what the schema gives back", async () => {
    const surplus = { name: { first: "Ada" }, secret: "stripped" };
    expect(await Greeted(surplus).validate()).toEqual({ name: { first: "Ada" } });
  });

  test("makes events that compare as the data they are", () => {
    const ada = { name: { first: "Ada" } };
    expect(Greeted(ada)).toEqual(Greeted({ name: { first: "Ada" } }));
    expect(Greeted(ada)).toStrictEqual({ type: "Greeted", version: 2, data: ada });
    expect(Greeted(ada)).not.toEqual(Greeted({ name: { first: "Grace" } }));
  });

  test("names every field that does not match", async () => {
    await expect(Greeted.read({ name: { first: 7 } }, 2)).rejects.toThrow(/data of Greeted .* name\.first: /);
  });
});

describe("data of another version", () => {
  test("brings older data to the newest shape, and checks what came of it", async () => {
    expect(await Greeted.read({ name: "Ada" }, 1)).toEqual({ name: { first: "Ada" } });
    await expect(Greeted.read({ name: 7 }, 1)).rejects.toThrow("name.first");
  });

  test("brings data of any older version to the newest, a version at a time", async () => {
    const steps: Record<number, (data: never) => unknown> = {
      1: (name: string) => ({ name }),
      2: ({ name }: { name: string }) => ({ names: [name] }),
    };
    const upcast = (data: unknown, from: number): unknown =>
      from === 3 ? data : upcast(steps[from]?.(data as never), from + 1);
    const Third = defineEvent("Greeted", { version: 3, schema: z.object({ names: z.array(z.string()) }), upcast });
    for (const [version, data] of [
      [1, "Ada"],
      [2, { name: "Ada" }],
      [3, { names: ["Ada"] }],
    ] as const) {
      expect(await Third.read(data, version)).toEqual({ names: ["Ada"] });
    }
  });

  test("waits for an upcast that is async", async () => {
    const upcast = async () => ({ name: { first: "Ada" } });
    const Late = defineEvent("Greeted", {
      version: 2,
      schema: z.object({ name: z.object({ first: z.string() }) }),
      upcast,
    });
    expect(await Late.read({ name: "Ada" }, 1)).toEqual({ name: { first: "Ada" } });
  });

  test.each([
    ["throws", () => (undefined as unknown as { name: string }).name, "Cannot read properties of undefined"],
    ["rejects", () => Promise.reject(new Error("no names here")), "no names here"],
    ["throws what is no error", () => Promise.reject("no names here"), "no names here"],
  ])("names the event whose upcast %s, in a rejection", async (_, upcast, reason) => {
    const Broken = defineEvent("Greeted", { version: 2, schema: z.object({}), upcast });
    const reading = Broken.read({}, 1);
    await expect(reading).rejects.toThrow(InvalidEventDataError);
    await expect(reading).rejects.toThrow("The data of Greeted of version 1 cannot be converted to version 2");
    await expect(reading).rejects.toThrow(reason);
    await expect(reading).rejects.toHaveProperty("cause");
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("a bug");
      },
    ],
    ["rejects", () => Promise.reject(new Error("a bug"))],
  ])("names the event whose schema %s", async (_, validate) => {
    const Broken = defineEvent("Greeted", {
      version: 1,
      schema: { "~standard": { version: 1, vendor: "own", validate } },
    });
    const message = "The data of Greeted cannot be validated, because its schema threw: a bug.";
    await expect(Broken({}).validate()).rejects.toThrow(message);
    await expect(Broken.read({}, 1)).rejects.toThrow(message);
  });
});

describe("data that cannot be sent", () => {
  test("refuses data that JSON would change, and data that its readers would refuse", async () => {
    const Any = defineEvent("Noted", { version: 1, schema: z.any() });
    const broken = Any({ items: [{ price: 1 }, { price: Number.NaN }] }).validate();
    await expect(broken).rejects.toThrow(InvalidEventDataError);
    await expect(broken).rejects.toThrow("data.items[1].price: NaN cannot be sent as JSON");
    const Records = defineEvent("Noted", { version: 1, schema: z.object({ words: z.record(z.string(), z.string()) }) });
    const hostile = Records({ words: JSON.parse('{"__proto__":"milk"}') }).validate();
    await expect(hostile).rejects.toThrow("data.words.__proto__: a key of this name cannot be sent as JSON");
    const Asking = defineEvent("Noted", { version: 1, schema: z.object({ text: z.string().or(z.undefined()) }) });
    await expect(Asking({ text: undefined }).validate()).rejects.toThrow("does not match its schema: text");
    const Optional = defineEvent("Noted", { version: 1, schema: z.object({ text: z.string().optional() }) });
    expect(await Optional({ text: undefined }).validate()).toStrictEqual({});
  });

  test("reads a newer version as long as it still has the shape it knows", async () => {
    expect(await Greeted.read({ name: { first: "Ada" }, mood: "good" }, 3)).toEqual({ name: { first: "Ada" } });
    await expect(Greeted.read({ given_name: "Ada" }, 3)).rejects.toThrow("data of Greeted");
  });
});

describe("an event definition's options", () => {
  test.each(["", "1st", "Order Placed", "Straße", "e".repeat(129)])("cannot be named %j", (type) => {
    expect(() => defineEvent(type, { version: 1, schema: z.object({}) })).toThrow("is not an event type");
  });

  test.each([0, 1.5, Number.NaN])("cannot have version %d", (version) => {
    expect(() => defineEvent("Greeted", { version, schema: z.object({}) })).toThrow("whole number from 1");
  });
});
