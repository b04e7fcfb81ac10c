import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { backlogsOf } from "./backlog.ts";
import { observeRelay } from "./observe-relay.ts";
import { ParkedAggregates } from "./parked.ts";
import { RelayInvocation } from "./relay-invocation.ts";
import { checkRelayOptions, type Deadline, type RelayOptions } from "./relay-options.ts";

/**
 * The relay: a Lambda handler that publishes what outbox rows hold, and nothing else.
 *
 * Each invocation sorts its rows into *backlogs*, one for each aggregate, in the order of their versions. Backlogs stand
 * in *line*; a batch takes one event from each of the first ten. A backlog whose event went out stands in line again, at
 * the end; one whose event failed *stops* for this invocation, and only that one. One whose event SNS will never take is
 * *parked*, if there is a table for it (see `parked.ts`). A call that fails as a whole says nothing about its entries and
 * everything about the topic: it *halts* them all, and parks nothing. When the line is empty or the deadline near, the
 * lowest record that still has an unsent event is reported, and the stream comes back from there. What had gone out
 * after it goes out again: SNS drops repeats for five minutes, the inbox for ever.
 * @throws TypeError naming the option that is wrong, and what is allowed.
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
    if (options.failures === "throw") throw new UnsentEvents(lowest);
    return { batchItemFailures: [{ itemIdentifier: lowest }] };
  };
}

/** Some events of the batch were not published. */
export class UnsentEvents extends Error {
  override readonly name = "UnsentEvents";

  constructor(sequenceNumber: string) {
    super(`Events from stream record ${sequenceNumber} on have not been published. The batch must be tried again.`);
  }
}
