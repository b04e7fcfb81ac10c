import type { Hints } from "@doubleshot/waiting";
import type { TicketNotifier } from "./ticket-notifier.ts";

/** Sends a hint of each change to all other instances. A heartbeat of a claim sends none: no caller waits for it. */
export function hintOtherInstances(notifier: TicketNotifier, hints: Pick<Hints, "broadcast">): void {
  notifier.onChange(({ outcome, ticket: { id, version, status } }) => {
    if (outcome !== "extended") hints.broadcast({ id, version, status });
  });
}
