import { Agent, request } from "node:http";
import type { DynamoDBRecord } from "aws-lambda";

/** An answer of GetRecords, as it is on the wire. */
export interface WirePage {
  readonly Records: readonly WireRecord[];
  /** Absent once a closed shard has been read to its end. */
  readonly NextShardIterator?: string;
}

/** Lambda hands records to functions as they are on the wire, but for the user and the stream's name. */
export type WireRecord = Omit<DynamoDBRecord, "userIdentity"> & {
  readonly userIdentity?: { readonly Type: string; readonly PrincipalId: string };
};

export interface GetRecordsRequest {
  readonly ShardIterator: string;
  readonly Limit: number;
}

/** The endpoint's own error; `name` is the exception's. */
class StreamError extends Error {
  constructor({ __type, message, Message }: { __type?: string; message?: string; Message?: string }, status: number) {
    super(message ?? Message ?? `GetRecords was answered with ${status}.`);
    this.name = __type?.replace(/^.*#/, "") ?? "StreamError";
  }
}

/**
 * GetRecords over a connection that is kept, without the SDK. Streams are read hundreds of times a second while there
 * is traffic, and nearly always in vain; the SDK's 0.6 ms of CPU for each were a third of a core of the two that the
 * services want. It is not signed either: dynoxide wants to see a signature, and believes any.
 */
export class StreamReads {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #url: URL;
  readonly #timeoutMs: number;

  constructor(endpoint: string, { timeoutMs = 5_000 } = {}) {
    this.#url = new URL(endpoint);
    this.#timeoutMs = timeoutMs;
  }

  /** Rejects with an error named as the endpoint's exception, or as the connection's failure. */
  async get(request: GetRecordsRequest): Promise<WirePage> {
    const { status, body } = await this.#post(JSON.stringify(request));
    const answer = JSON.parse(body);
    if (status !== 200) throw new StreamError(answer, status);
    return answer;
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(body: string): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const headers = {
        authorization:
          "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
        "content-length": Buffer.byteLength(body),
        "content-type": "application/x-amz-json-1.0",
        "x-amz-date": "20260101T000000Z",
        "x-amz-target": "DynamoDBStreams_20120810.GetRecords",
      };
      const call = request(this.#url, { method: "POST", agent: this.#agent, headers, timeout: this.#timeoutMs });
      // An endpoint that is stopped takes calls and never answers.
      call.on("timeout", () => call.destroy(new Error("GetRecords was not answered in time.")));
      call.on("error", reject);
      call.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      });
      call.end(body);
    });
  }
}
