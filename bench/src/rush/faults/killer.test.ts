import { expect, test } from "vitest";
import { seededRandom } from "../seeded-random.ts";
import { kill } from "./killer.ts";

// The processes here restart on a call of the test, so that it can check the state in between.

const shortPause = { minMs: 0, maxMs: 1 };
const patience = { timeout: 120_000 };

function processes(...names: string[]) {
  const happened: string[] = [];
  const comeBack = Promise.withResolvers<void>();
  const all = names.map((name) => ({
    name,
    kill: async (signal?: NodeJS.Signals) => void happened.push(`${name} ${signal}`),
    up: async () => {
      await comeBack.promise;
      happened.push(`${name} up`);
    },
  }));
  return { all, happened, back: () => comeBack.resolve() };
}

test("the next is killed only when the last one is up again", async () => {
  const { all, happened, back } = processes("orders", "bar");
  const killings = kill(all, seededRandom(1), shortPause);
  await expect.poll(() => happened.length, patience).toBe(1);
  back();
  await expect.poll(() => happened.length, patience).toBeGreaterThan(6);
  await killings.end();
  for (let index = 0; index < happened.length; index += 2) {
    const [name] = happened[index]?.split(" ") ?? [];
    expect(happened.slice(index, index + 2)).toEqual([`${name} SIGKILL`, `${name} up`]);
  }
});

test("the end waits until the killed process is up, and counts the kills", async () => {
  const { all, happened, back } = processes("orders");
  const killings = kill(all, seededRandom(1), shortPause);
  await expect.poll(() => happened, patience).toEqual(["orders SIGKILL"]);
  let hasEnded = false;
  const end = killings.end().finally(() => {
    hasEnded = true;
  });
  await new Promise(setImmediate);
  expect(hasEnded).toBe(false);
  back();
  expect(await end).toEqual({ orders: 1 });
  expect(happened).toEqual(["orders SIGKILL", "orders up"]);
});

test("every process is killed at some time", async () => {
  const { all, happened, back } = processes("aws", "orders", "bar");
  back();
  const killings = kill(all, seededRandom(1), shortPause);
  await expect.poll(() => new Set(happened.map((line) => line.split(" ")[0])).size, patience).toBe(3);
  const killed = await killings.end();
  expect(Object.values(killed).reduce((sum, times) => sum + times, 0)).toBe(happened.length / 2);
});

test("a process that does not come back fails the end", async () => {
  const { all, happened } = processes("orders");
  const [orders] = all;
  Object.assign(orders ?? {}, { up: () => Promise.reject(new Error("orders has been stopped.")) });
  const killings = kill(all, seededRandom(1), shortPause);
  await expect.poll(() => happened.length, patience).toBe(1);
  await expect(killings.end()).rejects.toThrow("orders has been stopped.");
});

test("without processes there are no kills", async () => {
  expect(await kill([], seededRandom(1), shortPause).end()).toEqual({});
});
