import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { scriptedTable } from "../../../test/fixtures/scripted-table.fixture.ts";
import { CommitOutcomeUnknownError } from "../../runtime/errors.ts";
import { transact } from "./transaction.ts";

const writes = [{ Put: { TableName: "notes", Item: { id: "1" } } }];
const connectionReset = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
const throttled = Object.assign(new Error("slow down"), { name: "ThrottlingException" });
const denied = Object.assign(new Error("no"), { name: "AccessDeniedException" });

function cancelled(...codes: string[]): TransactionCanceledException {
  return new TransactionCanceledException({
    message: "cancelled",
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
}

describe("a transaction", () => {
  test("that collided with another one is tried again, under a new token", async () => {
    const { client, tokens } = scriptedTable([cancelled("TransactionConflict", "None"), "written"]);
    expect(await transact(client, writes)).toEqual({ written: true });
    expect(new Set(tokens).size).toBe(2);
  });

  test("with a collision that hid other conditions is not judged by those that failed beside it", async () => {
    const { client } = scriptedTable([cancelled("TransactionConflict", "ConditionalCheckFailed"), "written"]);
    expect(await transact(client, writes)).toEqual({ written: true });
  });

  test("that went unanswered is re-issued as it was, under the same token", async () => {
    const { client, tokens } = scriptedTable([connectionReset, connectionReset, "written"]);
    expect(await transact(client, writes)).toEqual({ written: true });
    expect(tokens).toHaveLength(3);
    expect(new Set(tokens).size).toBe(1);
  });

  test("that fails its condition after an unanswered try is ambiguous", async () => {
    const { client } = scriptedTable([connectionReset, cancelled("ConditionalCheckFailed", "None")]);
    expect(await transact(client, writes)).toEqual({ written: false, failures: [{}, undefined], ambiguous: true });
  });

  test("that fails its condition after a try that the SDK repeated by itself is ambiguous too", async () => {
    const answer = cancelled("ConditionalCheckFailed");
    answer.$metadata.attempts = 2;
    const { client } = scriptedTable([answer]);
    expect(await transact(client, writes)).toMatchObject({ written: false, ambiguous: true });
  });

  test("that collided after an unanswered try keeps its token: that try may still be on its way", async () => {
    const { client, tokens } = scriptedTable([connectionReset, cancelled("TransactionConflict"), "written"]);
    expect(await transact(client, writes)).toEqual({ written: true });
    expect(tokens).toHaveLength(3);
    expect(new Set(tokens).size).toBe(1);
  });

  test("that collided in a try that the SDK repeated by itself is ambiguous from then on: it may have met its own first try", async () => {
    const collision = cancelled("TransactionConflict");
    collision.$metadata.attempts = 2;
    const { client } = scriptedTable([collision, cancelled("ConditionalCheckFailed")]);
    expect(await transact(client, writes)).toMatchObject({ written: false, ambiguous: true });
  });

  test.each([
    ["throttled", throttled],
    ["in collision", cancelled("TransactionConflict", "None")],
  ])(
    "that fails its condition is ambiguous for an unanswered try long ago, also when the last one was only %s",
    async (_, last) => {
      const { client } = scriptedTable([connectionReset, last, last, cancelled("ConditionalCheckFailed")]);
      expect(await transact(client, writes)).toMatchObject({ written: false, ambiguous: true });
    },
  );

  test.each([
    ["throttled", throttled],
    ["in collision", cancelled("TransactionConflict", "None")],
  ])("that is only %s after an unanswered try may exist when patience ends", async (_, last) => {
    const { client } = scriptedTable([connectionReset, last]);
    await expect(transact(client, writes, { timeoutMs: 30 })).rejects.toThrow(CommitOutcomeUnknownError);
  });
});

describe("a transaction without a result", () => {
  test("that was throttled is tried again", async () => {
    const { client, tokens } = scriptedTable([throttled, cancelled("ThrottlingError"), "written"]);
    expect(await transact(client, writes)).toEqual({ written: true });
    expect(tokens).toHaveLength(3);
  });

  test("that never gets an answer ends as unknown when patience does", async () => {
    const { client } = scriptedTable([connectionReset]);
    await expect(transact(client, writes, { timeoutMs: 30 })).rejects.toThrow(CommitOutcomeUnknownError);
  });

  test("that was never let through ends with the reason: nothing is unknown about it", async () => {
    const { client } = scriptedTable([throttled]);
    await expect(transact(client, writes, { timeoutMs: 30 })).rejects.toBe(throttled);
  });

  test("that is forbidden is not tried again", async () => {
    const { client, tokens } = scriptedTable([denied]);
    await expect(transact(client, writes)).rejects.toBe(denied);
    expect(tokens).toHaveLength(1);
  });

  test("that is forbidden after an unanswered try may still have taken place", async () => {
    const { client } = scriptedTable([connectionReset, denied]);
    await expect(transact(client, writes)).rejects.toThrow(CommitOutcomeUnknownError);
  });

  test("ends when the signal fires", async () => {
    const { client } = scriptedTable([connectionReset]);
    const signal = AbortSignal.timeout(20);
    await expect(transact(client, writes, { timeoutMs: Number.POSITIVE_INFINITY, signal })).rejects.toThrow(
      CommitOutcomeUnknownError,
    );
  });
});
