import {
  CreateTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  type TableDescription,
  UpdateTableCommand,
  type UpdateTableCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { TableSpec } from "../topology.ts";
import { describeTable, whenActive } from "./describe-table.ts";
import { ProvisionError, type Report } from "./provision-report.ts";
import { attributeDefinitions, globalIndex, keySchema, refuseOtherKey } from "./table-keys.ts";
import { provisionTtl } from "./ttl.ts";

interface TableTask {
  readonly dynamodb: DynamoDBClient;
  readonly table: string;
  readonly spec: TableSpec;
  readonly report: Report;
}

/**
 * Creates the table, or completes a half-made one. Index, stream and TTL are each checked, because an earlier run may have
 * stopped between any two calls. Returns the ARN of the stream, if the spec has one.
 */
export async function provisionTable(task: TableTask): Promise<string | undefined> {
  const { dynamodb, table, spec, report } = task;
  const before = await describeTable(dynamodb, table);
  const created = before === undefined ? await createTable(task) : undefined;
  const made = created !== undefined;
  report("table", table, made ? "made" : "there");
  const active = await whenActive(dynamodb, table, before ?? created);
  refuseOtherKey(`Table ${table}`, spec.key, active.KeySchema);
  const indexed = await completeIndexes(task, made, active);
  const streamArn = await completeStream(task, made, indexed);
  if (spec.ttl !== undefined) await provisionTtl({ dynamodb, table, attribute: spec.ttl, isNew: made }, report);
  return streamArn;
}

/** Undefined if another run is creating the table at this moment. */
async function createTable({ dynamodb, table, spec }: TableTask): Promise<TableDescription | undefined> {
  const indexes = Object.entries(spec.indexes ?? {});
  const command = new CreateTableCommand({
    TableName: table,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: attributeDefinitions([spec.key, ...indexes.map(([, index]) => index)]),
    KeySchema: keySchema(spec.key),
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes.map(([name, index]) => globalIndex(name, index)) }),
    ...(spec.stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: spec.stream } }),
  });
  try {
    return (await dynamodb.send(command)).TableDescription ?? {};
  } catch (error) {
    if (error instanceof ResourceInUseException) return undefined;
    throw error;
  }
}

/** Returns the table with its indexes. */
async function completeIndexes(task: TableTask, isNew: boolean, active: TableDescription): Promise<TableDescription> {
  const { table, spec, report } = task;
  let known = active;
  // DynamoDB adds one index at a time.
  for (const [name, index] of Object.entries(spec.indexes ?? {})) {
    const find = (description: TableDescription) =>
      description.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === name);
    const { isAdded, description } = await complete(task, known, (description) => find(description) !== undefined, {
      AttributeDefinitions: attributeDefinitions([spec.key, index]),
      GlobalSecondaryIndexUpdates: [{ Create: globalIndex(name, index) }],
    });
    refuseOtherKey(`Index ${name} of table ${table}`, index, find(description)?.KeySchema);
    report("index", `${table} ${name}`, isAdded || isNew ? "made" : "there");
    known = description;
  }
  return known;
}

async function completeStream(task: TableTask, isNew: boolean, active: TableDescription): Promise<string | undefined> {
  const { table, spec, report } = task;
  if (!spec.stream) return undefined;
  const { isAdded, description } = await complete(
    task,
    active,
    (current) => current.StreamSpecification?.StreamEnabled === true,
    {
      StreamSpecification: { StreamEnabled: true, StreamViewType: spec.stream },
    },
  );
  refuseStreamWithoutNewImage(table, description);
  report("stream", table, isAdded || isNew ? "made" : "there");
  return description.LatestStreamArn;
}

/** Updates the active table until `isThere` holds, by this run or another. DynamoDB refuses an update while another one runs. */
async function complete(
  { dynamodb, table }: TableTask,
  active: TableDescription,
  isThere: (description: TableDescription) => boolean,
  update: Omit<UpdateTableCommandInput, "TableName">,
): Promise<{ isAdded: boolean; description: TableDescription }> {
  let isAdded = false;
  for (let attempt = 1; attempt <= 5; attempt++) {
    const description = attempt === 1 ? active : await whenActive(dynamodb, table);
    if (isThere(description)) return { isAdded, description };
    try {
      await dynamodb.send(new UpdateTableCommand({ TableName: table, ...update }));
      isAdded = true;
    } catch (error) {
      // "Already exists" is a plain ValidationException. Only the table shows whether another run was faster.
      const raced = error instanceof ResourceInUseException || isThere(await whenActive(dynamodb, table));
      if (!raced) throw error;
    }
  }
  throw new ProvisionError(
    `Table ${table} accepts an update but does not keep it: use an endpoint that supports ${Object.keys(update).join(", ")}.`,
  );
}

function refuseStreamWithoutNewImage(table: string, { StreamSpecification: stream }: TableDescription): void {
  if (!stream?.StreamViewType?.startsWith("NEW_")) {
    throw new ProvisionError(
      `The stream of ${table} holds ${stream?.StreamViewType}, no new images: disable it, then run again.`,
    );
  }
}
