import type { ShopFaultsState } from "./shop-faults.ts";

/** The state as the fault API shows it. */
export function faultJson({ aws, processes, rush, done }: ShopFaultsState) {
  return {
    /** Null while the embedded AWS is down. */
    relays: aws?.relays.map(({ name, isStopped, pid }) => ({ name, stopped: isStopped, pid })) ?? null,
    armed: aws?.armed.map(({ on, fault, delayMs }) => ({ on, fault, delay_seconds: delayMs / 1_000 })) ?? [],
    stalled_until: aws?.stalledUntil ?? null,
    processes: processes.map(({ name, isUp, pid }) => ({ name, up: isUp, pid })),
    rush: rush === undefined ? null : rushJson(rush),
    /** The newest first. */
    log: [...deliveriesOf(aws), ...done].sort((one, other) => other.at.localeCompare(one.at)),
  };
}

function rushJson({ numbers, startedAt, endedAt, exitCode, lines }: NonNullable<ShopFaultsState["rush"]>) {
  return { numbers, started_at: startedAt, ended_at: endedAt, exit_code: exitCode, lines };
}

function deliveriesOf(aws: ShopFaultsState["aws"]) {
  const inflicted = aws?.inflicted ?? [];
  return inflicted.map(({ at, on, fault, delayMs, queue, event }) => ({
    at,
    what: `${on}-${fault}`,
    queue,
    ...(event && { event }),
    ...(fault === "delay" && { seconds: delayMs / 1_000 }),
  }));
}
