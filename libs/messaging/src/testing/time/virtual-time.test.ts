import { expect, test } from "vitest";
import { FakeProcess } from "../hosts/fake-process.ts";
import { SeededRandom } from "../seeded-random.ts";
import { VirtualTime } from "./virtual-time.ts";

function aProcess(time: VirtualTime, skewMs = 0): FakeProcess {
  return new FakeProcess({ name: "test", time, random: new SeededRandom(1), skewMs });
}

test("virtual time jumps from timer to timer, those of one moment in the order in which they were set", async () => {
  const time = new VirtualTime();
  const fired: string[] = [];
  const start = time.now();
  for (const [name, after] of Object.entries({ late: 86_400_000, soon: 10, sooner: 5, alsoSoon: 10 })) {
    time.after(after, () => fired.push(`${name} ${time.now() - start}`));
  }
  time.after(7, () => fired.push("never"))();
  expect(await time.pass(() => false, 100_000_000)).toBe(false);
  expect(fired).toEqual(["sooner 5", "soon 10", "alsoSoon 10", "late 86400000"]);
});

test("virtual time stands still while promises settle, and ends with what it waits for", async () => {
  const time = new VirtualTime();
  const { clock } = aProcess(time);
  let steps = 0;
  const work = async () => {
    for (; steps < 3; steps++) await clock.sleep(1_000);
  };
  void work();
  expect(await time.pass(() => steps === 2, 60_000)).toBe(true);
  expect(await time.pass(() => steps === 3, 500)).toBe(false);
  expect(await time.pass(() => steps === 3, 500)).toBe(true);
});

test("a sleep ends early with its signal", async () => {
  const time = new VirtualTime();
  const stop = new AbortController();
  const { clock } = aProcess(time);
  const start = time.now();
  void clock.sleep(10_000, stop.signal).then(() => expect(time.now() - start).toBe(5));
  time.after(5, () => stop.abort());
  await time.pass(() => false, 20_000);
  await clock.sleep(10_000, AbortSignal.abort());
  expect.assertions(1);
});

test("a process that has crashed does nothing any more", async () => {
  const time = new VirtualTime();
  const process = aProcess(time);
  const did: string[] = [];
  void process.clock.sleep(10).then(() => did.push("woke up"));
  process.clock.every(3, () => did.push("beat"));
  process.onCrash(() => did.push("crashed"));
  time.after(7, () => process.crash());
  await time.pass(() => false, 100);
  expect(did).toEqual(["beat", "beat", "crashed"]);
});

test("a process that is suspended goes on later, and believes its own clock", async () => {
  const time = new VirtualTime();
  const process = aProcess(time, 60_000);
  const start = time.now();
  const woke: number[] = [];
  void process.clock.sleep(10).then(() => woke.push(process.clock.now() - start));
  time.after(5, () => process.suspend(1_000));
  await time.pass(() => false, 5_000);
  expect(woke).toEqual([61_005]);
});
