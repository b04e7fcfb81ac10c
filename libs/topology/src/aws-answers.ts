import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/**
 * An answer came, and AWS did not give it: a captive portal, a proxy or a balancer did, or it arrived in pieces. Whether
 * the call took effect is unknown. It carries `$metadata` and no `$fault`, as the SDK's own errors of this kind do.
 */
export class UnreadableAnswerError extends Error {
  override readonly name = "UnreadableAnswerError";
  readonly $metadata: { readonly httpStatusCode: number };
  /** The SDK tries again, as it does after a broken connection. */
  readonly $retryable = { throttling: false };

  constructor(command: string, reason: string, httpStatusCode: number) {
    super(`The answer to ${command} is not AWS's (${reason}): look for a proxy or a sign-in page on the way to it.`);
    this.$metadata = { httpStatusCode };
  }
}

interface RawAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  body?: AsyncIterable<Uint8Array> & { destroy?(): void };
}

/**
 * Makes the client throw `UnreadableAnswerError` where the SDK takes anything for an answer: it reads an empty body, `[]`
 * and a page that parses as XML as "done", and commits would be lost without a word.
 */
export function refuseForeignAnswers(client: { readonly middlewareStack: object }): void {
  // All clients' stacks are alike but for the types of their calls.
  const middlewareStack = client.middlewareStack as DynamoDBClient["middlewareStack"];
  middlewareStack.add(
    (next, { commandName = "a call", clientName }) =>
      async (args) => {
        const result = await next(args);
        const answer = result.response as RawAnswer;
        const reason = foreign(answer) ?? (clientName === "DynamoDBClient" ? await noObject(answer) : undefined);
        if (reason !== undefined) throw new UnreadableAnswerError(commandName, reason, answer.statusCode);
        return result;
      },
    // Before the SDK's own reading of the body.
    { step: "deserialize", priority: "low", name: "refuseForeignAnswers" },
  );
  middlewareStack.add(
    (next, { commandName = "a call" }) =>
      async (args) => {
        const result = await next(args);
        const missing = missingMember(commandName, { ...result.output });
        if (missing === undefined) return result;
        const { statusCode } = result.response as RawAnswer;
        throw new UnreadableAnswerError(commandName, `it has no ${missing}`, statusCode);
      },
    { step: "deserialize", priority: "high", name: "refuseIncompleteAnswers" },
  );
}

/** What each service marks its answers with, emulators included; one of them is enough. */
const requestIds = ["x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id"];
const contentTypes = /^(application\/x-amz-json|(text|application)\/xml)/;

function foreign({ headers, body }: RawAnswer): string | undefined {
  const type = headers["content-type"] ?? "";
  if (requestIds.some((name) => headers[name]) || contentTypes.test(type)) return undefined;
  // Unread, it would keep its socket.
  body?.destroy?.();
  return type === "" ? "it has neither a request id nor a type" : `it is ${type.split(";", 1)[0]}`;
}

/** DynamoDB always answers with an object, if only with {}. */
async function noObject(answer: RawAnswer): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body ?? []) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  // The SDK takes what is collected as well as a stream.
  Object.assign(answer, { body });
  const text = body.toString("utf8", 0, 100).trimStart();
  return text.startsWith("{") ? undefined : text === "" ? "it is empty" : "its body is no JSON object";
}

/** What AWS never leaves out, where a call without it would be taken for one that found nothing or did everything. */
const members: Readonly<Record<string, readonly string[]>> = {
  QueryCommand: ["Items"],
  ScanCommand: ["Items"],
  BatchGetItemCommand: ["Responses"],
  DescribeTableCommand: ["Table"],
  GetRecordsCommand: ["Records"],
  DescribeStreamCommand: ["StreamDescription"],
  GetQueueUrlCommand: ["QueueUrl"],
  SendMessageCommand: ["MessageId"],
  SendMessageBatchCommand: ["Successful", "Failed"],
  DeleteMessageBatchCommand: ["Successful", "Failed"],
  ChangeMessageVisibilityBatchCommand: ["Successful", "Failed"],
  PublishBatchCommand: ["Successful", "Failed"],
};

function missingMember(command: string, output: object): string | undefined {
  const expected = members[command];
  if (expected === undefined) return undefined;
  const given = output as Readonly<Record<string, unknown>>;
  return expected.some((name) => typeof given[name] === "object" || typeof given[name] === "string")
    ? undefined
    : expected.join(" or ");
}
