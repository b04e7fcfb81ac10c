import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  type EventSourceMappingConfiguration,
  GetEventSourceMappingCommand,
  type LambdaClient,
  paginateListEventSourceMappings,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { ProvisionError, type Report } from "../provision/provision-report.ts";
import type { MappingSpec } from "../topology.ts";

export interface MappingTask {
  readonly lambda: LambdaClient;
  /** Name of the function, and of the mapping in the report. */
  readonly name: string;
  readonly spec: MappingSpec;
  readonly streamArn: string;
  /** ARN of the queue for records that the mapping gives up on. */
  readonly onFailureArn: string;
  readonly report: Report;
}

/**
 * Connects the function to the stream, or changes the settings that differ. A mapping of an earlier stream of the table goes.
 * A mapping that an operator has disabled stays disabled.
 */
export async function deployMapping(task: MappingTask): Promise<void> {
  const { lambda, name, streamArn, report } = task;
  const settings = mappingSettings(task);
  const mappings = await mappingsOf(lambda, name);
  const found = mappings.find(({ EventSourceArn }) => EventSourceArn === streamArn);
  const others = mappings.filter((each) => each !== found);
  for (const { UUID } of others) await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
  if (found === undefined) {
    const source = { FunctionName: name, EventSourceArn: streamArn, StartingPosition: task.spec.startingPosition };
    const { UUID } = await lambda.send(new CreateEventSourceMappingCommand({ ...source, ...settings }));
    await whenSettled(lambda, name, UUID);
    report("mapping", name, others.length > 0 ? "changed" : "made");
    return;
  }
  const changed = differs(found, settings);
  if (changed) {
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID: found.UUID, ...settings }));
    await whenSettled(lambda, name, found.UUID);
  }
  report("mapping", name, changed ? "changed" : "there");
}

function mappingSettings({ spec, onFailureArn }: MappingTask) {
  return {
    BatchSize: spec.batchSize,
    MaximumBatchingWindowInSeconds: spec.maximumBatchingWindowSeconds,
    ParallelizationFactor: spec.parallelizationFactor,
    BisectBatchOnFunctionError: spec.bisectBatchOnFunctionError,
    MaximumRetryAttempts: spec.maximumRetryAttempts,
    MaximumRecordAgeInSeconds: spec.maximumRecordAgeSeconds,
    FunctionResponseTypes: spec.reportBatchItemFailures ? (["ReportBatchItemFailures"] as const).slice() : [],
    FilterCriteria: { Filters: [{ Pattern: JSON.stringify(spec.filter) }] },
    DestinationConfig: { OnFailure: { Destination: onFailureArn } },
  };
}

/** A setting that the endpoint does not return is one that it does not have. */
function differs(found: EventSourceMappingConfiguration, settings: ReturnType<typeof mappingSettings>): boolean {
  const { FilterCriteria, DestinationConfig, ...plain } = settings;
  const otherPlain = Object.entries(plain).some(([name, value]) => {
    const current = found[name as keyof typeof plain];
    return current !== undefined && !isDeepStrictEqual(current, value);
  });
  const pattern = found.FilterCriteria?.Filters?.[0]?.Pattern;
  const destination = found.DestinationConfig?.OnFailure?.Destination;
  return (
    otherPlain ||
    pattern !== FilterCriteria.Filters[0]?.Pattern ||
    destination !== DestinationConfig.OnFailure.Destination
  );
}

async function mappingsOf(lambda: LambdaClient, name: string): Promise<EventSourceMappingConfiguration[]> {
  const mappings: EventSourceMappingConfiguration[] = [];
  for await (const page of paginateListEventSourceMappings({ client: lambda }, { FunctionName: name })) {
    mappings.push(...(page.EventSourceMappings ?? []));
  }
  return mappings.filter(({ State }) => State !== "Deleting");
}

const settledWithinMs = 120_000;

/** Waits until the mapping is enabled, or disabled: Lambda refuses a change while it creates or updates one. */
async function whenSettled(lambda: LambdaClient, name: string, UUID: string | undefined): Promise<void> {
  const deadline = Date.now() + settledWithinMs;
  for (;;) {
    const { State = "" } = await lambda.send(new GetEventSourceMappingCommand({ UUID }));
    if (["Enabled", "Disabled"].includes(State)) return;
    if (Date.now() > deadline) {
      throw new ProvisionError(`Mapping ${name} is still ${State}: look at the endpoint's log, then run again.`);
    }
    await delay(200);
  }
}
