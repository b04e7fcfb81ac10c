import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/**
 * The answer to a call is not from AWS, or is incomplete: a captive portal, a proxy or a load balancer sent it, or a part is
 * missing. Whether the call took effect is unknown. The error has `$metadata` and no `$fault`, as the SDK's own errors of
 * this kind.
 */
export class UnreadableAnswerError extends Error {
  override readonly name = "UnreadableAnswerError";
  readonly $metadata: { readonly httpStatusCode: number };
  /** Lets the SDK retry, as it does after a broken connection. */
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
 * Makes the client throw `UnreadableAnswerError` where the SDK accepts any answer. The SDK reads an empty body, `[]` and a
 * page that parses as XML as a success, so commits would be lost silently.
 */
export function refuseForeignAnswers(client: { readonly middlewareStack: object }): void {
  // The middleware stacks of all clients differ in the types of their calls only.
  const middlewareStack = client.middlewareStack as DynamoDBClient["middlewareStack"];
  middlewareStack.add(
    (next, { commandName = "a call", clientName }) =>
      async (args) => {
        const result = await next(args);
        const answer = result.response as RawAnswer;
        const reason = foreignReason(answer) ?? (clientName === "DynamoDBClient" ? await bodyFault(answer) : undefined);
        if (reason !== undefined) throw new UnreadableAnswerError(commandName, reason, answer.statusCode);
        return result;
      },
    // Runs before the SDK reads the body.
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

/** Headers that mark an answer of AWS or of an emulator; one of them is enough. */
const requestIds = ["x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id"];
const contentTypes = /^(application\/x-amz-json|(text|application)\/xml)/;

function foreignReason({ headers, body }: RawAnswer): string | undefined {
  const type = headers["content-type"] ?? "";
  if (requestIds.some((name) => headers[name]) || contentTypes.test(type)) return undefined;
  // An unread body keeps its socket.
  body?.destroy?.();
  return type === "" ? "it has neither a request id nor a type" : `it is ${type.split(";", 1)[0]}`;
}

/** DynamoDB always answers with a JSON object, at least with {}. */
async function bodyFault(answer: RawAnswer): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body ?? []) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  // The SDK reads a collected body as well as a stream.
  Object.assign(answer, { body });
  const text = body.toString("utf8", 0, 100).trimStart();
  return text.startsWith("{") ? undefined : text === "" ? "it is empty" : "its body is no JSON object";
}

/** Members that AWS never leaves out. Without them the SDK's caller would see an empty result or a full success. */
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
