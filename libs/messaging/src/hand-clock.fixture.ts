import { type Clock, realClock } from "./clock.ts";

/** A clock that is moved on by hand, and by whoever sleeps on it; it says how long that was. */
export function handClock() {
  let [wall, monotonic, slept] = [Date.UTC(2026, 0, 1), 0, 0];
  const clock: Clock = {
    ...realClock,
    now: () => wall,
    monotonic: () => monotonic,
    sleep: async (milliseconds) => {
      slept += milliseconds;
      wall += milliseconds;
      monotonic += milliseconds;
    },
  };
  return {
    clock,
    slept: () => slept,
    moveOn: (by: { readonly wall?: number; readonly monotonic?: number }) => {
      wall += by.wall ?? 0;
      monotonic += by.monotonic ?? 0;
    },
  };
}
