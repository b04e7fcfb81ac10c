import type { Hint } from "@doubleshot/waiting";
import { expect, test } from "vitest";
import { hintOtherInstances } from "./hint-other-instances.ts";
import { TicketNotifier } from "./ticket-notifier.ts";
import { queued, startedByAnn } from "./ticket-states.fixture.ts";

test("other instances get a hint of each change, heartbeats excepted", () => {
  const notifier = new TicketNotifier();
  const hints: Hint[] = [];
  hintOtherInstances(notifier, { broadcast: (hint) => void hints.push(hint) });
  notifier.changed({ outcome: "queued", ticket: queued });
  notifier.changed({ outcome: "claimed", ticket: { ...startedByAnn, version: 2 } });
  notifier.changed({ outcome: "extended", ticket: { ...startedByAnn, version: 3 } });
  const { id } = queued;
  expect(hints).toEqual([
    { id, version: 1, status: "QUEUED" },
    { id, version: 2, status: "STARTED" },
  ]);
});
