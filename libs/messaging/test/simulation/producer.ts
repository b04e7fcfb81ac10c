import { S3Client } from "@aws-sdk/client-s3";
import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { ClaimCheck } from "../../src/claim-check/claim-check.ts";
import { s3ClaimCheck } from "../../src/claim-check/s3-claim-check.ts";
import { withContext } from "../../src/events/context.ts";
import { createOutbox, type Outbox } from "../../src/outbox/outbox.ts";
import { retryConflicts } from "../../src/outbox/retry-conflicts.ts";
import { CommitOutcomeUnknown } from "../../src/runtime/errors.ts";
import type { FakeAws } from "../../src/testing/fake-aws.ts";
import type { FakeProcess } from "../../src/testing/hosts/fake-process.ts";
import { contextOf } from "./causes.ts";
import { bulk, Noted, noted } from "./events.ts";
import type { Command } from "./program.ts";
import { claimBucket, tables } from "./truth.ts";

/** What a producer was told became of a text it wanted to write. */
type Told = "committed" | "refused" | "failed" | "unknown" | "never told";

export interface Intention extends Command {
  readonly text: string;
  told: Told;
}

/**
 * Seconds: a minute, so that rows expire within a history; days on AWS. Longer than a commit is patient and clocks are apart
 * together, as days are: a commit must find its own row.
 */
export const outboxRetention = 60;
const secondsPerDay = 24 * 60 * 60;
const timeoutMs = 15_000;

export function newOutbox(aws: FakeAws, process: FakeProcess): Outbox {
  return createOutbox({
    client: aws.clients(process).documents,
    claimCheck: newClaimCheck(aws, process),
    source: "/notebook",
    tables: { outbox: tables.outbox, inbox: tables.inbox },
    retentionDays: { outbox: outboxRetention / secondsPerDay },
    clock: process.clock,
  });
}

/** Its client is made when something is large, which is rarely. */
function newClaimCheck(aws: FakeAws, process: FakeProcess): ClaimCheck {
  const config = { region: "us-east-1", credentials: { accessKeyId: "fake", secretAccessKey: "fake" } };
  let made: ClaimCheck | undefined;
  const check = () => {
    made ??= s3ClaimCheck({ client: aws.plug(new S3Client(config), process), bucket: claimBucket });
    return made;
  };
  return { put: (claim) => check().put(claim), get: (claim) => check().get(claim) };
}

/** Carries out the intentions one after the other; those not begun when its process dies are its successor's. */
export async function produce(aws: FakeAws, process: FakeProcess, intentions: Intention[]): Promise<void> {
  const { documents } = aws.clients(process);
  const outbox = newOutbox(aws, process);
  for (let next = intentions.shift(); next !== undefined; next = intentions.shift()) {
    await process.clock.sleep(next.pause);
    next.told = await carryOut(next, { documents, outbox, process });
  }
}

interface Tools {
  readonly documents: DynamoDBDocumentClient;
  readonly outbox: Outbox;
  readonly process: FakeProcess;
}

async function carryOut(intention: Intention, tools: Tools): Promise<Told> {
  try {
    const does = () => (intention.does === "tally" ? tally(intention, tools) : write(intention, tools));
    const context = contextOf(intention.text);
    const { outcome } = await (context === undefined ? does() : withContext(context, does));
    return outcome;
  } catch (error) {
    return error instanceof CommitOutcomeUnknown ? "unknown" : "failed";
  }
}

function write({ does, on, text }: Intention, { documents, outbox, process }: Tools) {
  const id = String(on);
  const events = {
    note: [noted.today(text)],
    claim: [noted.old(text)],
    "note large": [Noted({ text, bulk })],
    "note several": [noted.old(`${text}a`), noted.today(`${text}b`), noted.new(`${text}c`)],
    "save silently": [],
    tally: [],
  }[does];
  return retryConflicts(
    () => load(documents, tables.notes, id),
    ({ lines }) => [...lines, text],
    (lines, { version }) =>
      outbox.commit(
        {
          aggregate: `note#${id}`,
          save: { table: tables.notes, key: { id }, item: { lines }, expected: version },
          events,
          ...(does === "claim" ? { guarded: { unclaimed: claim(`claim-${id}`, text) } } : {}),
        },
        { timeoutMs },
      ),
    { clock: process.clock },
  );
}

function tally({ on }: Intention, { outbox }: Tools) {
  const Update = {
    TableName: tables.tallies,
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
  const { Item } = await patiently(() =>
    documents.send(new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true })),
  );
  return { lines: Item?.lines ?? [], version: Item?.version ?? 0 };
}

/** Reads may be asked again at once. */
async function patiently<T>(read: () => Promise<T>, attempts = 10): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (attempts <= 1) throw error;
    return patiently(read, attempts - 1);
  }
}
