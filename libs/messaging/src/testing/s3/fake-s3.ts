import type { Faults } from "../faults.ts";

/** Input of `GetObject` and `PutObject`. S3's client is an optional dependency, so its types are not used here. */
interface ObjectInput {
  readonly Bucket?: string;
  readonly Key?: string;
  readonly Body?: Uint8Array | string;
}

/** Buckets of objects, stored and fetched as a whole. */
export class FakeS3 {
  readonly #buckets: ReadonlyMap<string, Map<string, Uint8Array>>;
  readonly #faults: Faults;

  constructor(buckets: readonly string[], faults: Faults) {
    this.#buckets = new Map(buckets.map((name) => [name, new Map()]));
    this.#faults = faults;
  }

  handle(operation: string, input: ObjectInput): object {
    const { Key = "", Body = "" } = input;
    const objects = this.bucket(input.Bucket);
    switch (operation) {
      case "PutObject":
        objects.set(Key, typeof Body === "string" ? Buffer.from(Body) : new Uint8Array(Body));
        this.#faults.saw("data-kept-in-s3");
        return {};
      case "GetObject":
        return { Body: streamed(objects.get(Key)) };
      case "DeleteObject":
        objects.delete(Key);
        return {};
      default:
        throw s3Exception("NotImplemented", `The fake does not know ${operation}.`);
    }
  }

  /** The objects by their keys. @throws NoSuchBucket */
  bucket(name: string | undefined): Map<string, Uint8Array> {
    const bucket = this.#buckets.get(name ?? "");
    if (bucket === undefined) throw s3Exception("NoSuchBucket", `The specified bucket does not exist: ${name}`);
    return bucket;
  }
}

/** The body of an object, in the form of the SDK. */
function streamed(bytes: Uint8Array | undefined) {
  if (bytes === undefined) throw s3Exception("NoSuchKey", "The specified key does not exist.");
  return {
    transformToByteArray: async () => new Uint8Array(bytes),
    transformToString: async () => Buffer.from(bytes).toString(),
  };
}

export function s3Exception(name: string, message: string): Error {
  const httpStatusCode = name === "SlowDown" ? 503 : 404;
  return Object.assign(new Error(message), { name, $fault: "client", $metadata: { httpStatusCode } });
}
