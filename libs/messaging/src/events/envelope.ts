import { isAbsolute } from "../options/index.ts";

/**
 * The message on the wire: CloudEvents 1.0 in structured JSON. The commit creates it; the relay and the queue copy it without
 * parsing it.
 */
export interface Envelope {
  readonly specversion: "1.0";
  readonly id: string;
  readonly type: string;
  readonly source: string;
  /** The aggregate the event is about; also its message group. */
  readonly subject: string;
  /** RFC 3339: time of the commit. */
  readonly time: string;
  readonly datacontenttype: "application/json";
  /**
   * An absolute URI that ends in `/<type>/<version>`, with the version of the data's shape. Earlier versions of the library
   * wrote `<source>/<type>/<version>`, which may be a relative reference.
   */
  readonly dataschema: string;
  /** Version of the aggregate and index within its commit, padded, so that events sort as text. */
  readonly sequence: string;
  readonly correlationid: string;
  readonly causationid?: string;
  /** W3C trace context of the commit, if it was traced. */
  readonly traceparent?: string;
  readonly tracestate?: string;
  /** Absent if `dataref` names the place where it is stored. */
  readonly data?: unknown;
  /** CloudEvents' claim check: `s3://<bucket>/<key>`. Readers need access to it. */
  readonly dataref?: string;
  /** SHA-256 of the stored data, in Base64. */
  readonly datasha256?: string;
}

/** The body is not a message of this library: it is not JSON, or lacks an attribute that every envelope has. */
export class UnreadableMessageError extends Error {
  override readonly name = "UnreadableMessageError";
  /** A further attempt would fail as well, so the message is dead-lettered at once. */
  readonly permanent = true;
}

/** The highest version of an aggregate: `sequence` has twelve digits for it. */
export const maxVersion = 999_999_999_999;

/** Sorts as text like (version, index) as numbers, for versions below 10^12 and 1,000 events a commit. */
export function sequenceOf(version: number, index: number): string {
  return `${String(version).padStart(12, "0")}.${String(index).padStart(3, "0")}`;
}

/**
 * CloudEvents requires an absolute URI, and its SDK rejects others. A source that is a relative reference becomes part of a
 * URN: the source `/shop/orders` gives `urn:doubleshot:shop/orders/OrderPlaced/1`.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#dataschema
 */
export function dataSchemaOf(source: string, type: string, version: number): string {
  const base = isAbsolute(source) ? source : `urn:doubleshot:${source.replace(/^\/+/, "")}`;
  return `${base}/${type}/${version}`;
}

/** The version of the data's shape: the last segment of `dataschema`. */
export function dataVersionOf({ dataschema }: Envelope): number {
  return Number(dataschema.slice(dataschema.lastIndexOf("/") + 1));
}

/**
 * Serialises the envelope for any queue. SQS rejects control characters and, on some endpoints, characters beyond the basic
 * plane, so these are escaped as `\uXXXX`. The parsed value is the same.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export function toWire(envelope: Envelope): string {
  return JSON.stringify(envelope).replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]/g, escaped);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** @throws UnreadableMessageError naming the part of the body that is wrong. */
export function fromWire(body: string): Envelope {
  const value = parse(body);
  if (typeof value !== "object" || value === null)
    throw new UnreadableMessageError("The message body is not a JSON object.");
  const envelope = value as Envelope;
  if (envelope.specversion !== "1.0")
    throw new UnreadableMessageError("The message is not a CloudEvents 1.0 envelope.");
  for (const name of ["id", "type", "source", "subject", "time", "dataschema", "sequence", "correlationid"] as const) {
    if (typeof envelope[name] !== "string" || envelope[name] === "") {
      throw new UnreadableMessageError(`The envelope's "${name}" is not text.`);
    }
  }
  if (!["string", "undefined"].includes(typeof envelope.dataref)) {
    throw new UnreadableMessageError('The envelope\'s "dataref" is not text.');
  }
  if (Number.isNaN(Date.parse(envelope.time))) {
    throw new UnreadableMessageError(`The envelope's "time" is not a time: ${envelope.time}`);
  }
  if (!Number.isSafeInteger(dataVersionOf(envelope))) {
    throw new UnreadableMessageError(`The envelope's "dataschema" does not end in a version: ${envelope.dataschema}`);
  }
  return envelope;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new UnreadableMessageError("The message body is not JSON.");
  }
}
