export { type BlockedGroupsOptions, type BlockedMarker, blockedKey, openGroup } from "./blocked-groups.ts";
export { type DeadLetterOptions, ReceivedTooOften } from "./dead-letters.ts";
export { type LambdaConsumerOptions, lambdaConsumer } from "./lambda-consumer.ts";
export { type PollOptions, poll } from "./poll.ts";
export type { PollTrouble } from "./poll-trouble.ts";
