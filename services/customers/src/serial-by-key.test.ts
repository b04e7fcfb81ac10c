import { expect, test } from "vitest";
import { SerialByKey } from "./serial-by-key.ts";

/** Work that notes its beginning and its end, and lasts until the test ends it. */
function openWork() {
  const serial = new SerialByKey();
  const notes: string[] = [];
  const begin = (key: string, name: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const result = serial.run(key, async () => {
      notes.push(`${name} begins`);
      return promise.finally(() => notes.push(`${name} ends`));
    });
    return { result, end: () => resolve(name), fail: () => reject(new Error(name)) };
  };
  return { serial, notes, begin };
}

test("work on one key runs one after the other, in order, and work on other keys beside it", async () => {
  const { notes, begin } = openWork();
  const [first, second, other] = [begin("jane", "first"), begin("jane", "second"), begin("joe", "other")];
  other.end();
  expect(await other.result).toBe("other");
  expect(notes).toEqual(["first begins", "other begins", "other ends"]);
  second.end();
  first.end();
  expect(await Promise.all([first.result, second.result])).toEqual(["first", "second"]);
  expect(notes.slice(3)).toEqual(["first ends", "second begins", "second ends"]);
});

test("work that fails keeps its error for its caller, and the next one runs", async () => {
  const { begin } = openWork();
  const [first, second] = [begin("jane", "first"), begin("jane", "second")];
  first.fail();
  second.end();
  await expect(first.result).rejects.toThrow("first");
  expect(await second.result).toBe("second");
});

test("a key without work is forgotten", async () => {
  const { serial, begin } = openWork();
  const [first, second] = [begin("jane", "first"), begin("jane", "second")];
  expect(serial.size).toBe(1);
  first.fail();
  second.end();
  await Promise.allSettled([first.result, second.result]);
  expect(serial.size).toBe(0);
});
