import type { Hint } from "@doubleshot/waiting";
import { expect, test } from "vitest";
import { hintOtherInstances } from "./hint-other-instances.ts";
import { TicketChanges } from "./ticket-notifier.ts";
import { queued, startedByAnn } from "./ticket-states.fixture.ts";

test("other instances get a hint of each change, heartbeats excepted", () => {
  const changes = new TicketChanges();
  const hints: Hint[] = [];
  hintOtherInstances(changes, { broadcast: (hint) => void hints.push(hint) });
  changes.changed({ outcome: "queued", ticket: queued });
  changes.changed({ outcome: "claimed", ticket: { ...startedByAnn, version: 2 } });
  changes.changed({ outcome: "extended", ticket: { ...startedByAnn, version: 3 } });
  const { id } = queued;
  expect(hints).toEqual([
    { id, version: 1, status: "QUEUED" },
    { id, version: 2, status: "STARTED" },
  ]);
});
