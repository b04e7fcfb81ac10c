import { createHash } from "node:crypto";
import type { Envelope } from "../events/index.ts";
import { isUriReference } from "../options/index.ts";

/**
 * Stores data that is too large for a message. The commit stores it first, the message carries a reference, and the
 * subscriber fetches it. `s3ClaimCheck` of `@doubleshot/messaging/claim-check` stores it in S3.
 *
 * When the commit fails, the stored data is left over. So the store must expire its data by itself, but not before the inbox
 * rows expire, because a message may be handled until then.
 */
export interface ClaimCheck {
  /** Stores the bytes and returns the URI that the message carries, of at most 2,048 characters. */
  put(claim: { readonly key: string; readonly body: Uint8Array; readonly sha256: string }): Promise<string>;
  /**
   * Returns the data stored under the key. `uri` comes from the message's sender: fetch it only if it names this key in a
   * trusted place.
   * @throws ClaimCheckMissingError when the data does not exist, ClaimCheckUnreadableError when the URI is not trusted.
   */
  get(claim: { readonly key: string; readonly uri: string }): Promise<Uint8Array>;
}

/** The message's data does not exist: it expired, or was deleted. */
export class ClaimCheckMissingError extends Error {
  override readonly name = "ClaimCheckMissingError";

  constructor(uri: string) {
    super(`The message's data at ${uri} does not exist. Restore the object and redrive the message, or drop it.`);
  }
}

/** The message's data cannot be read: the subscriber has no claim check, or the stored data has changed. */
export class ClaimCheckUnreadableError extends Error {
  override readonly name = "ClaimCheckUnreadableError";
}

/** `<source>/<event id>`: the data of one service is together, and each event has an object of its own. */
function keyOf({ source, id }: Pick<Envelope, "source" | "id">): string {
  return `${source.replace(/^\/+/, "")}/${id}`;
}

const maxUriLength = 2_048;

/**
 * Stores the envelope's data and returns an envelope with a reference to it.
 * @throws TypeError when the claim check does not return a URI, because no subscriber could fetch the data.
 */
export async function checkIn(envelope: Envelope, claimCheck: ClaimCheck): Promise<Envelope> {
  const { data, ...rest } = envelope;
  const body = Buffer.from(JSON.stringify(data));
  const datasha256 = sha256(body);
  const dataref = await claimCheck.put({ key: keyOf(envelope), body, sha256: datasha256 });
  if (typeof dataref !== "string" || dataref.length > maxUriLength || !isUriReference(dataref)) {
    throw new TypeError(
      `The claim check's put returned ${JSON.stringify(dataref)}. It must return the URI of the stored data, of at most ${maxUriLength} characters.`,
    );
  }
  return { ...rest, dataref, datasha256 };
}

/**
 * Returns the envelope with its data, fetched if necessary.
 * @throws ClaimCheckMissingError, ClaimCheckUnreadableError
 */
export async function redeem(envelope: Envelope, claimCheck: ClaimCheck | undefined): Promise<Envelope> {
  const { dataref: uri, datasha256, type, id } = envelope;
  if (uri === undefined) return envelope;
  if (claimCheck === undefined) {
    throw new ClaimCheckUnreadableError(
      `The data of ${type} ${id} is at ${uri}, and this subscriber cannot fetch it: give it, or its outbox, a claimCheck.`,
    );
  }
  const body = await claimCheck.get({ key: keyOf(envelope), uri });
  if (sha256(body) !== datasha256) {
    throw new ClaimCheckUnreadableError(
      `The data at ${uri} differs from the data that ${type} ${id} was committed with.`,
    );
  }
  return { ...envelope, data: JSON.parse(Buffer.from(body).toString()) };
}

/** In Base64, as S3 requires. */
function sha256(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("base64");
}
