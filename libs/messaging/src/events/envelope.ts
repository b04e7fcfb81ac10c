import { isAbsolute } from "../runtime/index.ts";

/**
 * The message on the wire: CloudEvents 1.0 in structured JSON. It is made once, at commit, and travels as it is: the
 * relay copies it and the queue delivers it, neither parses it.
 */
export interface Envelope {
  readonly specversion: "1.0";
  readonly id: string;
  readonly type: string;
  readonly source: string;
  /** The aggregate the event is about; also its message group. */
  readonly subject: string;
  /** RFC 3339, when the event was committed. */
  readonly time: string;
  readonly datacontenttype: "application/json";
  /**
   * An absolute URI that ends in `/<type>/<version>`: where the version of the data's shape travels. Earlier versions wrote
   * `<source>/<type>/<version>`, also where that is no absolute URI.
   */
  readonly dataschema: string;
  /** Version of the aggregate and index within its commit, padded so that text order is the order of events. */
  readonly sequence: string;
  readonly correlationid: string;
  readonly causationid?: string;
  /** W3C trace context of the commit, if it was traced. */
  readonly traceparent?: string;
  readonly tracestate?: string;
  /** Absent where `dataref` names the place at which it is kept. */
  readonly data?: unknown;
  /** CloudEvents' claim check: `s3://<bucket>/<key>`, for those who may read it. */
  readonly dataref?: string;
  /** SHA-256 of what is kept there, in Base64. */
  readonly datasha256?: string;
}

/** The body was no message of this library's: not JSON, or without what every envelope has. */
export class UnreadableMessage extends Error {
  override readonly name = "UnreadableMessage";
  /** It will not become readable: no further attempt is made. */
  readonly permanent = true;
}

/** The highest version of an aggregate: `sequence` has twelve digits for it. */
export const maxVersion = 999_999_999_999;

/** Orders as text the way (version, index) order as numbers, for versions below 10^12 and 1,000 events a commit. */
export function sequenceOf(version: number, index: number): string {
  return `${String(version).padStart(12, "0")}.${String(index).padStart(3, "0")}`;
}

/**
 * CloudEvents asks for an absolute URI, and its SDK refuses others. A source that is a relative reference becomes part of
 * a URN: `/shop/orders` makes `urn:doubleshot:shop/orders/OrderPlaced/1`.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#dataschema
 */
export function dataSchemaOf(source: string, type: string, version: number): string {
  const base = isAbsolute(source) ? source : `urn:doubleshot:${source.replace(/^\/+/, "")}`;
  return `${base}/${type}/${version}`;
}

/** The version of the data's shape, as its `dataschema` ends. */
export function dataVersionOf({ dataschema }: Envelope): number {
  return Number(dataschema.slice(dataschema.lastIndexOf("/") + 1));
}

/**
 * Serialises so that any queue takes it: SQS refuses control characters and, on some endpoints, characters beyond the
 * basic plane, so everything but printable characters of that plane is written as `\uXXXX`. The parsed value is the same.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export function toWire(envelope: Envelope): string {
  return JSON.stringify(envelope).replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]/g, escaped);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** @throws UnreadableMessage saying what is wrong with the body. */
export function fromWire(body: string): Envelope {
  const value = parse(body);
  if (typeof value !== "object" || value === null) throw new UnreadableMessage("The message body is no JSON object.");
  const envelope = value as Envelope;
  if (envelope.specversion !== "1.0") throw new UnreadableMessage("The message is no CloudEvents 1.0 envelope.");
  for (const name of ["id", "type", "source", "subject", "time", "dataschema", "sequence", "correlationid"] as const) {
    if (typeof envelope[name] !== "string" || envelope[name] === "") {
      throw new UnreadableMessage(`The envelope's "${name}" is no text.`);
    }
  }
  if (!["string", "undefined"].includes(typeof envelope.dataref)) {
    throw new UnreadableMessage('The envelope\'s "dataref" is no text.');
  }
  if (Number.isNaN(Date.parse(envelope.time))) {
    throw new UnreadableMessage(`The envelope's "time" is no time: ${envelope.time}`);
  }
  if (!Number.isSafeInteger(dataVersionOf(envelope))) {
    throw new UnreadableMessage(`The envelope's "dataschema" does not end in a version: ${envelope.dataschema}`);
  }
  return envelope;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new UnreadableMessage("The message body is not JSON.");
  }
}
