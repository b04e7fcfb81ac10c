export { type BlockedGroupsOptions, type BlockedMarker, blockedKey, openGroup } from "./dead-letters/blocked-groups.ts";
export { type DeadLetterOptions, ReceivedTooOftenError } from "./dead-letters/dead-letters.ts";
export { type LambdaConsumerOptions, lambdaConsumer } from "./lambda-consumer.ts";
export { poll } from "./poll.ts";
export type { PollOptions } from "./poll-options.ts";
export type { PollTrouble } from "./poll-trouble.ts";
