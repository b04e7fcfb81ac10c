import { realClock } from "../runtime/index.ts";
import type { Subscriber } from "../subscriber/index.ts";
import { blockedGroupsOf } from "./dead-letters/blocked-groups.ts";
import { DeadLetters } from "./dead-letters/dead-letters.ts";
import { Deletions } from "./deletions.ts";
import type { GroupContext } from "./message-group.ts";
import { Outages } from "./outages.ts";
import { checkPollOptions, defaultVisibilityTimeoutSeconds, type PollOptions } from "./poll-options.ts";
import type { PollTrouble } from "./poll-trouble.ts";
import { Poller } from "./poller.ts";
import { Visibility } from "./visibility.ts";

/**
 * Feeds a subscriber from a queue until the signal fires. Resolves when no message is in flight any more.
 *
 * Message groups run concurrently, each one message at a time. A message is one of:
 * - received       it is in flight from here on, and heartbeats keep it hidden
 * - waiting        it is in its message group, behind others
 * - handled        the handler settled it: it is deleted
 * - failed         it returns to the queue after the messages behind it, so that none overtakes it, with a delay that grows
 *                  with its receive count
 * - dead-lettered  its handler failed for good: it is moved to the dead-letter queue, and those behind it follow, see
 *                  `blocked-groups.ts`
 * - out            AWS is out, which is not the message's fault: it stays in flight and is tried again until AWS is back;
 *                  meanwhile nothing is received
 * @throws TypeError naming the wrong option and the values allowed, before anything is received.
 */
export async function poll(subscriber: Subscriber, options: PollOptions): Promise<void> {
  checkPollOptions(subscriber, options);
  const broken = new AbortController();
  const context = groupContext(subscriber, options, broken);
  await new Poller(options, context, broken).run();
}

/** The parts that all message groups of a poll share. `broken` ends the poll with the error of a callback. */
function groupContext(subscriber: Subscriber, options: PollOptions, broken: AbortController): GroupContext {
  const { client, queueUrl, clock = realClock, visibilityTimeoutSeconds = defaultVisibilityTimeoutSeconds } = options;
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const endPoll = (error: unknown) => broken.abort(error);
  const onTrouble = (trouble: PollTrouble) => onRejection(options.onTrouble?.(trouble), endPoll);
  const onOutage = (error: unknown) => onTrouble({ kind: "outage", error });
  const outages = new Outages({ clock, signal, onOutage });
  const visibility = new Visibility({ client, queueUrl, visibilityTimeoutSeconds, clock, onError: onOutage });
  const deletions = new Deletions({ client, queueUrl, outages });
  return {
    subscriber,
    signal,
    clock,
    visibility,
    outages,
    deadLetters: deadLettersOf(subscriber, options),
    remove: (message) => {
      visibility.remove(message);
      return deletions.delete(message);
    },
    onSettled: (settlement) => onRejection(options.onSettled?.(settlement), endPoll),
    onTrouble,
  };
}

function deadLettersOf(subscriber: Subscriber, { client, clock, deadLetters }: PollOptions): DeadLetters | undefined {
  if (deadLetters === undefined) return undefined;
  const groups = blockedGroupsOf(subscriber);
  return new DeadLetters({
    ...deadLetters,
    client,
    groups,
    onMoved: subscriber.onDeadLettered,
    ...(clock && { clock }),
  });
}

/** A callback may be async, although nothing waits for it. */
function onRejection(returned: unknown, failed: (error: unknown) => void): void {
  if (returned instanceof Promise) returned.catch(failed);
}
