import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Place, SharedPlaces } from "./shared-places.ts";

/** Requests that enter, and the names of those whose place was taken away, in order. */
function places(max: number) {
  const shared = new SharedPlaces(max);
  const taken: string[] = [];
  const enter = (caller: string, name = caller, isReserved = false) =>
    shared.enter({ caller, isReserved, onTaken: () => taken.push(name) });
  const enterMany = (caller: string, count: number) =>
    Array.from({ length: count }, (_, n) => enter(caller, `${caller} ${n}`));
  return { shared, taken, enter, enterMany };
}

test("one caller may have all places while nobody else wants any, and then loses the oldest first", () => {
  const { shared, taken, enter, enterMany } = places(5);
  expect(enterMany("mallory", 5)).not.toContain(undefined);
  expect(enter("mallory")).toBeUndefined();
  expect(enter("ada")).toBeDefined();
  expect(enter("bob")).toBeDefined();
  expect(taken).toEqual(["mallory 0", "mallory 1"]);
  expect(shared.size).toBe(5);
});

test("nobody gives way to a caller who would have more than they keep", () => {
  const { taken, enter, enterMany } = places(4);
  enterMany("ada", 2);
  enterMany("bob", 2);
  expect(enter("ada")).toBeUndefined();
  const full = places(2);
  full.enter("ada");
  full.enter("bob");
  expect(full.enter("cy")).toBeUndefined();
  expect([...taken, ...full.taken]).toEqual([]);
});

describe("a reserved place", () => {
  test("is never taken away, and takes one of the caller's with the most", () => {
    const { taken, enter, enterMany } = places(3);
    enter("ada", "ada waits", true);
    enterMany("mallory", 2);
    expect(enter("mallory", "mallory's own", true)).toBeDefined();
    expect(enter("bob", "bob waits", true)).toBeDefined();
    expect(taken).toEqual(["mallory 0", "mallory 1"]);
    expect(enter("cy", "cy waits", true)).toBeUndefined();
    expect(enter("cy")).toBeUndefined();
  });

  test("can be taken away once it is released", () => {
    const { taken, enter } = places(1);
    enter("ada", "first", true)?.release();
    expect(enter("ada", "second", true)).toBeDefined();
    expect(taken).toEqual(["first"]);
  });
});

type Step =
  | { readonly enter: string; readonly isReserved: boolean }
  | { readonly leave: number }
  | { readonly release: number };

/** Does what the step says, and keeps `held` and `all` up to date. */
function act(shared: SharedPlaces, step: Step, { all, held }: { all: Place[]; held: Set<Place> }): void {
  if ("release" in step) {
    all[step.release]?.release();
    return;
  }
  if ("leave" in step) {
    const place = all[step.leave];
    place?.leave();
    if (place) held.delete(place);
    return;
  }
  let mine: Place | undefined;
  const onTaken = () => void (mine && held.delete(mine));
  mine = shared.enter({ caller: step.enter, isReserved: step.isReserved, onTaken });
  if (mine === undefined) return;
  all.push(mine);
  held.add(mine);
}

test("no more places are taken than there are, and each is free again in the end, whatever callers do", () => {
  const step = fc.oneof(
    fc.record({ enter: fc.constantFrom("ada", "bob", "cy"), isReserved: fc.boolean() }),
    fc.record({ leave: fc.nat(30) }),
    fc.record({ release: fc.nat(30) }),
  );
  fc.assert(
    fc.property(fc.nat(6), fc.array(step, { maxLength: 60 }), (max, steps) => {
      const shared = new SharedPlaces(max);
      const places = { all: [], held: new Set<Place>() } as { all: Place[]; held: Set<Place> };
      for (const each of steps) {
        act(shared, each, places);
        expect(shared.size).toBe(places.held.size);
        expect(shared.size).toBeLessThanOrEqual(max);
      }
      for (const place of places.all) place.leave();
      expect(shared.size).toBe(0);
    }),
  );
});
