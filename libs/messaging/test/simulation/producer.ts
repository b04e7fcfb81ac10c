import { S3Client } from "@aws-sdk/client-s3";
import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { ClaimCheck } from "../../src/claim-check/claim-check.ts";
import { s3ClaimCheck } from "../../src/claim-check/s3-claim-check.ts";
import { withContext } from "../../src/events/context.ts";
import { createOutbox, type Outbox } from "../../src/outbox/outbox.ts";
import { retryConflicts } from "../../src/outbox/retry-conflicts.ts";
import { CommitOutcomeUnknownError } from "../../src/runtime/errors.ts";
import type { FakeAws } from "../../src/testing/fake-aws.ts";
import type { FakeProcess } from "../../src/testing/hosts/fake-process.ts";
import { contextOf } from "./causes.ts";
import { bulk, Noted, noted } from "./events.ts";
import type { Step } from "./scenario.ts";
import { claimBucket, tables } from "./tables.ts";

/** The outcome of a step as the producer knows it. */
type ReportedOutcome = "committed" | "refused" | "failed" | "unknown" | "not-reported";

export interface PlannedStep extends Step {
  readonly text: string;
  reported: ReportedOutcome;
}

/**
 * Seconds until an outbox row expires: a minute, so that rows expire within a scenario. A commit must find its own row, so it
 * is longer than a commit's timeout and the difference of clocks together.
 */
export const outboxRetentionSeconds = 60;
const secondsPerDay = 24 * 60 * 60;
const timeoutMs = 15_000;

export function newOutbox(aws: FakeAws, process: FakeProcess): Outbox {
  return createOutbox({
    client: aws.clients(process).documents,
    claimCheck: newClaimCheck(aws, process),
    source: "/notes",
    tables: { outbox: tables.outbox, inbox: tables.inbox },
    retentionDays: { outbox: outboxRetentionSeconds / secondsPerDay },
    clock: process.clock,
  });
}

/** Creates its client for the first large event, because most scenarios have none. */
function newClaimCheck(aws: FakeAws, process: FakeProcess): ClaimCheck {
  const config = { region: "us-east-1", credentials: { accessKeyId: "fake", secretAccessKey: "fake" } };
  let made: ClaimCheck | undefined;
  const check = () => {
    made ??= s3ClaimCheck({ client: aws.attach(new S3Client(config), process), bucket: claimBucket });
    return made;
  };
  return { put: (claim) => check().put(claim), get: (claim) => check().get(claim) };
}

/** Performs the steps one after the other. When its process dies, its successor performs the rest. */
export async function produce(aws: FakeAws, process: FakeProcess, planned: PlannedStep[]): Promise<void> {
  const { documents } = aws.clients(process);
  const outbox = newOutbox(aws, process);
  for (let next = planned.shift(); next !== undefined; next = planned.shift()) {
    await process.clock.sleep(next.pauseMs);
    next.reported = await perform(next, { documents, outbox, process });
  }
}

interface Context {
  readonly documents: DynamoDBDocumentClient;
  readonly outbox: Outbox;
  readonly process: FakeProcess;
}

async function perform(step: PlannedStep, tools: Context): Promise<ReportedOutcome> {
  try {
    const action = () => (step.action === "count" ? count(step, tools) : write(step, tools));
    const context = contextOf(step.text);
    const { outcome } = await (context === undefined ? action() : withContext(context, action));
    return outcome;
  } catch (error) {
    return error instanceof CommitOutcomeUnknownError ? "unknown" : "failed";
  }
}

function write({ action, on, text }: PlannedStep, { documents, outbox, process }: Context) {
  const id = String(on);
  const events = {
    note: [noted.today(text)],
    claim: [noted.old(text)],
    "note-large": [Noted({ text, bulk })],
    "note-several": [noted.old(`${text}a`), noted.today(`${text}b`), noted.new(`${text}c`)],
    "save-silently": [],
    count: [],
  }[action];
  return retryConflicts(
    () => load(documents, tables.notes, id),
    ({ lines }) => [...lines, text],
    (lines, { version }) =>
      outbox.commit(
        {
          aggregate: `note#${id}`,
          save: { table: tables.notes, key: { id }, item: { lines }, expected: version },
          events,
          ...(action === "claim" ? { guarded: { unclaimed: claim(`claim-${id}`, text) } } : {}),
        },
        { timeoutMs },
      ),
    { clock: process.clock },
  );
}

function count({ on }: PlannedStep, { outbox }: Context) {
  const Update = {
    TableName: tables.counters,
    Key: { id: String(on) },
    UpdateExpression: "ADD #number :one",
    ExpressionAttributeNames: { "#number": "number" },
    ExpressionAttributeValues: { ":one": 1 },
  };
  return outbox.commit({ writes: [{ Update }] }, { timeoutMs });
}

function claim(id: string, text: string) {
  const condition = {
    ConditionExpression: "attribute_not_exists(#id)",
    ExpressionAttributeNames: { "#id": "id" },
  };
  return { Put: { TableName: tables.claims, Item: { id, by: text }, ...condition } };
}

export interface Document {
  readonly lines: readonly string[];
  readonly version: number;
}

export async function load(documents: DynamoDBDocumentClient, table: string, id: string): Promise<Document> {
  const { Item } = await retried(() =>
    documents.send(new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true })),
  );
  return { lines: Item?.lines ?? [], version: Item?.version ?? 0 };
}

/** Repeats a failed read at once. */
async function retried<T>(read: () => Promise<T>, attempts = 10): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (attempts <= 1) throw error;
    return retried(read, attempts - 1);
  }
}
