import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { Noted, noteCommit, openNotesAws } from "../../test/fixtures/notes-aws.fixture.ts";
import { on, poll, type Settlement, subscriber } from "../index.ts";

test("a relay killed after it has published and before the checkpoint makes nobody handle anything twice or not at all", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dying-relay-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const died = join(folder, "died");
  const entry = fileURLToPath(new URL("../../test/fixtures/dying-relay.fixture.ts", import.meta.url));
  await using notes = await openNotesAws({ relayFunction: { entry, env: { DIED: died } } });

  const stop = new AbortController();
  const settled: Settlement[] = [];
  const texts: string[] = [];
  const readers = subscriber("readers", notes.outbox, [
    on(Noted, (message) => {
      texts.push(message.data.text);
      return message.commit({});
    }),
  ]);
  const polling = poll(readers, {
    client: notes.aws.clients.longPolls,
    queueUrl: notes.queueUrl,
    signal: stop.signal,
    onSettled: (settlement) => settled.push(settlement),
  });
  try {
    await notes.outbox.commit(noteCommit("1", "one"));
    await notes.outbox.commit(noteCommit("1", "two", 1));
    await expect.poll(() => existsSync(died), { interval: 5 }).toBe(true);
    // The relay repeats the batch before a later commit, so the batch has arrived when that commit has.
    await notes.outbox.commit(noteCommit("1", "three", 2));
    const third = () => settled.filter(({ outcome }) => outcome === "committed").length === 3;
    await expect.poll(third, { interval: 5 }).toBe(true);
    expect(texts).toEqual(["one", "two", "three"]);
    expect(await notes.inboxRows()).toHaveLength(3);
  } finally {
    stop.abort();
    await polling;
  }
});
