import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { QueuedTicket } from "../ticket/ticket.ts";
import { Rivals } from "./rivals.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

const addresses = ["one", "two", "three"];
const instance = (address: string) =>
  new Rivals({ address, peers: new Set(addresses.filter((each) => each !== address)) });
const hint = (status: string) => ({ id: "order-1", version: 2, status });
const tickets = Array.from({ length: 90 }, (_, n) => ({ id: `order-${n}` }) as QueuedTicket);

test("nobody prefers anything while nobody else claims", () => {
  const rivals = instance("one");
  expect(rivals.preference(5)).toBeUndefined();
  rivals.heard([hint("QUEUED"), hint("FINISHED")]);
  expect(rivals.preference(5)).toBeUndefined();
});

test("whoever hears that another has claimed takes first what is their own, for a second", () => {
  const rivals = instance("one");
  rivals.heard([hint("QUEUED"), hint("STARTED")]);
  expect(rivals.preference(5)).toMatchObject({ among: 30 });
  vi.advanceTimersByTime(1_000);
  expect(rivals.preference(5)).toBeDefined();
  vi.advanceTimersByTime(1);
  expect(rivals.preference(5)).toBeUndefined();
});

test("each ticket is one instance's own, and each instance has some", () => {
  const preferences = addresses.map((address) => {
    const rivals = instance(address);
    rivals.seen();
    return rivals.preference(1);
  });
  const owners = tickets.map((ticket) => preferences.flatMap((each, index) => (each?.prefers(ticket) ? [index] : [])));
  expect(owners.every((own) => own.length === 1)).toBe(true);
  expect(new Set(owners.flat())).toEqual(new Set([0, 1, 2]));
});

test("an instance that knows of no other, or has no address, has no rivals", () => {
  for (const alone of [
    new Rivals({ address: "one", peers: new Set() }),
    new Rivals({ address: undefined, peers: new Set(["two"]) }),
  ]) {
    alone.seen();
    expect(alone.preference(1)).toBeUndefined();
  }
});
