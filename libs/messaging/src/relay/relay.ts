import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { backlogsOf } from "./backlog.ts";
import { observeRelay } from "./observe-relay.ts";
import { ParkedAggregates } from "./parked.ts";
import { RelayInvocation } from "./relay-invocation.ts";
import { checkRelayOptions, type Deadline, type RelayOptions } from "./relay-options.ts";

/**
 * The relay: a Lambda handler that publishes the events of outbox rows, and does nothing else.
 *
 * Each invocation sorts its rows into backlogs, one for each aggregate, in the order of their versions. A backlog is one of:
 * - ready    it waits for a batch, which takes one event of each of the first ten ready backlogs
 * - sending  its first event is in a `PublishBatch` call; once published, the backlog is ready again, at the end
 * - stopped  SNS did not accept its event; the other backlogs go on
 * - parked   SNS refuses its event for good, and there is a parked table: its rows go there, see `parked.ts`
 * - done     all its events are published or parked
 *
 * A call that fails as a whole is an outage: it halts all backlogs and parks nothing. In the end, or when the deadline is
 * near, the relay reports the lowest record with an unsent event, and the stream starts again from there. Events published
 * after that record go out again: SNS drops such duplicates for five minutes, and the inbox always does.
 * @throws TypeError naming the wrong option and the values allowed.
 */
export function relay(options: RelayOptions) {
  checkRelayOptions(options);
  const parked = options.parking && new ParkedAggregates(options.parking);
  return async ({ Records }: DynamoDBStreamEvent, deadline: Deadline): Promise<DynamoDBBatchResponse> => {
    const observer = observeRelay(options, Records);
    const backlogs = backlogsOf(Records);
    await new RelayInvocation({ options, deadline, observer, parked }).run(backlogs);
    observer.over(backlogs);
    const unsent = backlogs.flatMap(({ rows }) => rows.map(({ record }) => record));
    const lowest = Records[Math.min(...unsent)]?.dynamodb?.SequenceNumber;
    if (lowest === undefined) return { batchItemFailures: [] };
    if (options.failures === "throw") throw new UnsentEventsError(lowest);
    return { batchItemFailures: [{ itemIdentifier: lowest }] };
  };
}

/** Some events of the batch were not published. */
export class UnsentEventsError extends Error {
  override readonly name = "UnsentEventsError";

  constructor(sequenceNumber: string) {
    super(`Events from stream record ${sequenceNumber} on are not published. Try the batch again.`);
  }
}
