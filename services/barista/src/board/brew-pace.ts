import type { FinishedTicket } from "../ticket/ticket.ts";

const minRecentBrews = 3;

/**
 * The pace of the bar, from recent brews. It needs no number of baristas, which nobody knows: a held ticket may be one of
 * several of its barista, or of a browser that has died, and an idle barista holds none.
 */
export interface Pace {
  /** Half of the brews took longer. */
  readonly brewMs: number;
  /** From one finished coffee to the next, while an order waits or is brewed. */
  readonly betweenMs: number;
}

/** Milliseconds until a ticket with so many before it is finished. */
export function waitMs(ahead: number, { brewMs, betweenMs }: Pace, isBrewing: boolean): number {
  // The next coffee of those in the making is half done, on the average.
  return (ahead + (isBrewing ? 0.5 : 0)) * betweenMs + brewMs;
}

/** Undefined for so few brews that they say little about the next one. */
export function paceOf(brews: readonly FinishedTicket[]): Pace | undefined {
  if (brews.length < minRecentBrews) return undefined;
  const times = brews.map(({ startedAt, finishedAt }) => Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)));
  const median = times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)];
  return { brewMs: median ?? 0, betweenMs: busyMs(brews) / brews.length };
}

/**
 * The time in which at least one of the orders waited or was brewed: a pause of the baristas counts if somebody waited. The
 * wait for the first brew does not, because it belongs to the brews before.
 */
function busyMs(brews: readonly FinishedTicket[]): number {
  let busy = 0;
  let countedUpTo = 0;
  for (const { queuedAt, startedAt, finishedAt } of brews.toSorted(byStart)) {
    const from = countedUpTo === 0 ? Date.parse(startedAt) : Math.max(countedUpTo, Date.parse(queuedAt));
    countedUpTo = Math.max(from, Date.parse(finishedAt));
    busy += countedUpTo - from;
  }
  return busy;
}

const byStart = (one: FinishedTicket, other: FinishedTicket): number => (one.startedAt < other.startedAt ? -1 : 1);
