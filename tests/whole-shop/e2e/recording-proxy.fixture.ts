import { once } from "node:events";
import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import type { LocalAws } from "@doubleshot/local-aws";

/** A right that a call needed: `dynamodb:Query index:orders/open`, `sqs:ListQueues *`. */
export type UsedRight = `${string} ${string}`;

export interface RecordingProxy extends AsyncDisposable {
  /** Variables by which a process calls AWS through the proxy. */
  readonly env: Readonly<Record<string, string>>;
  readonly used: ReadonlySet<UsedRight>;
}

interface JsonCall {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName: string }>>[];
  readonly QueueUrl?: string;
  readonly QueueName?: string;
}

/** An endpoint in front of an embedded AWS that records the rights that each call would need on AWS. */
export async function startRecordingProxy({ env, endpoints }: LocalAws): Promise<RecordingProxy> {
  const used = new Set<UsedRight>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const target = String(request.headers["x-amz-target"] ?? "");
    for (const right of rightsOf(target, body.toString())) used.add(right);
    const origin = target.startsWith("DynamoDB") ? env.AWS_ENDPOINT_URL_DYNAMODB : endpoints.sqs;
    // By node:http, because fetch refuses the embedded AWS's port, as browsers do.
    const options = { method: request.method, path: request.url, headers: request.headers };
    forward(origin ?? endpoints.dynamodb, options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    })
      .once("error", () => response.destroy())
      .end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const services = ["DYNAMODB", "SQS", "SNS", "S3"].map((name) => [`AWS_ENDPOINT_URL_${name}`, url]);
  return {
    env: { ...env, AWS_ENDPOINT_URL: url, ...Object.fromEntries(services) },
    used,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** `target` is the header of the JSON protocols: `DynamoDB_20120810.PutItem`, `AmazonSQS.SendMessage`. */
function rightsOf(target: string, body: string): UsedRight[] {
  const [service = "", operation = ""] = target.split(".");
  if (service.startsWith("DynamoDB")) return tableRights(operation, JSON.parse(body));
  if (service === "AmazonSQS") return queueRights(operation, JSON.parse(body));
  const form = new URLSearchParams(body);
  return [`sns:${form.get("Action")} ${form.get("TopicArn")}`];
}

function tableRights(operation: string, { TableName, IndexName, RequestItems, TransactItems }: JsonCall): UsedRight[] {
  const items = (TransactItems ?? []).flatMap((item) => Object.entries(item));
  return [
    ...items.map(([kind, { TableName: table }]): UsedRight => `dynamodb:${kind}Item table:${table}`),
    ...Object.keys(RequestItems ?? {}).map((table): UsedRight => `dynamodb:${operation} table:${table}`),
    ...(TableName ? [`dynamodb:${operation} ${resource(TableName, IndexName)}` as const] : []),
  ];
}

const resource = (table: string, index: string | undefined) =>
  index === undefined ? `table:${table}` : `table:${table}/index/${index}`;

/** A batch needs the right to each of its parts. */
function queueRights(operation: string, { QueueUrl, QueueName }: JsonCall): UsedRight[] {
  const queue = QueueName ?? QueueUrl?.split("/").at(-1);
  return [`sqs:${operation.replace(/Batch$/, "")} ${queue === undefined ? "*" : `queue:${queue}`}`];
}
