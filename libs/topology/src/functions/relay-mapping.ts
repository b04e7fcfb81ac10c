import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  type EventSourceMappingConfiguration,
  GetEventSourceMappingCommand,
  type LambdaClient,
  paginateListEventSourceMappings,
  ResourceConflictException,
  ResourceNotFoundException,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { ProvisionError, type ProvisionedPart, type Report } from "../provision/provision-report.ts";
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
 * Connects the function to the stream, or changes the settings that differ. A mapping of an earlier stream of the table is
 * deleted. A mapping that an operator has disabled stays disabled.
 */
export async function deployMapping(task: MappingTask): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      task.report("mapping", task.name, await makeMapping(task));
      return;
    } catch (error) {
      // Another run has deleted this one and keeps its own.
      if (!(error instanceof ResourceNotFoundException) || attempt === maxAttempts) throw error;
    }
  }
}

const maxAttempts = 5;

async function makeMapping(task: MappingTask): Promise<ProvisionedPart["state"]> {
  const { lambda, name, streamArn } = task;
  const settings = mappingSettings(task);
  const mappings = await mappingsOf(lambda, name);
  const isOfStream = ({ EventSourceArn }: EventSourceMappingConfiguration) => EventSourceArn === streamArn;
  const earlier = mappings.filter((each) => !isOfStream(each));
  for (const { UUID } of earlier) await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
  const made = !mappings.some(isOfStream) && (await createMapping(task, settings));
  const found = await theOnly(lambda, (await mappingsOf(lambda, name)).filter(isOfStream));
  await whenSettled(lambda, name, found.UUID);
  const changed = differs(found, settings);
  if (changed) {
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID: found.UUID, ...settings }));
    await whenSettled(lambda, name, found.UUID);
  }
  if (changed || earlier.length > 0) return "changed";
  return made ? "made" : "there";
}

/** False when another run has created the mapping since the lookup. */
async function createMapping({ lambda, name, streamArn, spec }: MappingTask, settings: Settings): Promise<boolean> {
  const source = { FunctionName: name, EventSourceArn: streamArn, StartingPosition: spec.startingPosition };
  try {
    await lambda.send(new CreateEventSourceMappingCommand({ ...source, ...settings }));
    return true;
  } catch (error) {
    if (error instanceof ResourceConflictException) return false;
    throw error;
  }
}

/**
 * AWS has one mapping of a stream to a function. Emulators accept a second one, from another run at the same time, and would
 * bring each record twice. All runs keep the same one.
 */
async function theOnly(
  lambda: LambdaClient,
  mappings: readonly EventSourceMappingConfiguration[],
): Promise<EventSourceMappingConfiguration> {
  const [first = {}, ...others] = mappings.toSorted((a, b) => (a.UUID ?? "").localeCompare(b.UUID ?? ""));
  for (const { UUID } of others) {
    await lambda.send(new DeleteEventSourceMappingCommand({ UUID })).catch((error: unknown) => {
      if (!(error instanceof ResourceNotFoundException)) throw error;
    });
  }
  return first;
}

type Settings = ReturnType<typeof mappingSettings>;

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

/** A plain setting that the endpoint does not return is one that it does not support. */
function differs(found: EventSourceMappingConfiguration, settings: Settings): boolean {
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
