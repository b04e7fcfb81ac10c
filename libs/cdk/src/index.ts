export { type AlarmOptions, addAlarm } from "./alarms.ts";
export { ClaimCheckBucket, type ClaimCheckBucketProps } from "./claim-check-bucket.ts";
export { DataTable, type DataTableProps, Inbox, type ResourceProps } from "./data-table.ts";
export { allow } from "./grants.ts";
export { Outbox, type OutboxNames, type OutboxProps } from "./outbox.ts";
export type { RelayCode } from "./relay.ts";
export { Subscriber, type SubscriberNames, type SubscriberProps } from "./subscriber.ts";
