import { createHash } from "node:crypto";
import type { Envelope } from "../events/index.ts";
import { isUriReference } from "../runtime/index.ts";

/**
 * Keeps data that is too large for a message: it is stored before the commit, the message carries a reference, and the
 * subscriber fetches it. `s3ClaimCheck` of `@doubleshot/messaging/claim-check` keeps it in S3.
 *
 * What is stored for a commit that then fails is never referred to: it must expire by itself, but only after the inbox
 * rows of its time, because until then the message may be handled.
 */
export interface ClaimCheck {
  /** Stores the bytes and returns the URI by which the message refers to them, of at most 2,048 characters. */
  put(claim: { readonly key: string; readonly body: Uint8Array; readonly sha256: string }): Promise<string>;
  /**
   * What was stored under the key. `uri` comes with the message, from whoever sent it: never fetch what it names unless
   * it names this key in a place that is trusted.
   * @throws ClaimCheckMissing when there is nothing (any more), ClaimCheckUnreadable when the URI is none of its own.
   */
  get(claim: { readonly key: string; readonly uri: string }): Promise<Uint8Array>;
}

/** The message is there and its data is not: it expired, or was deleted. */
export class ClaimCheckMissing extends Error {
  override readonly name = "ClaimCheckMissing";

  constructor(uri: string) {
    super(
      `There is no ${uri} (any more), which holds the message's data. Restore the object and redrive the message, or drop it.`,
    );
  }
}

/** The data of a message is not to be had: no claim check is configured here, or what there is is not what was stored. */
export class ClaimCheckUnreadable extends Error {
  override readonly name = "ClaimCheckUnreadable";
}

/** `<source>/<event id>`, so that what one service stores is together, and no two events share an object. */
function keyOf({ source, id }: Pick<Envelope, "source" | "id">): string {
  return `${source.replace(/^\/+/, "")}/${id}`;
}

const maxUriLength = 2_048;

/**
 * Stores the envelope's data and returns the envelope that refers to it.
 * @throws TypeError when the claim check returns no URI: nobody could fetch the data.
 */
export async function checkIn(envelope: Envelope, claimCheck: ClaimCheck): Promise<Envelope> {
  const { data, ...rest } = envelope;
  const body = Buffer.from(JSON.stringify(data));
  const datasha256 = sha256(body);
  const dataref = await claimCheck.put({ key: keyOf(envelope), body, sha256: datasha256 });
  if (typeof dataref !== "string" || dataref.length > maxUriLength || !isUriReference(dataref)) {
    throw new TypeError(
      `The claim check's put returned ${JSON.stringify(dataref)}. It must return the URI of what it stored, of at most ${maxUriLength} characters.`,
    );
  }
  return { ...rest, dataref, datasha256 };
}

/**
 * The envelope with its data, fetched if it is kept elsewhere.
 * @throws ClaimCheckMissing, ClaimCheckUnreadable
 */
export async function redeem(envelope: Envelope, claimCheck: ClaimCheck | undefined): Promise<Envelope> {
  const { dataref: uri, datasha256, type, id } = envelope;
  if (uri === undefined) return envelope;
  if (claimCheck === undefined) {
    throw new ClaimCheckUnreadable(
      `The data of ${type} ${id} is at ${uri}, and this subscriber cannot fetch it: give it, or its outbox, a claimCheck.`,
    );
  }
  const body = await claimCheck.get({ key: keyOf(envelope), uri });
  if (sha256(body) !== datasha256) {
    throw new ClaimCheckUnreadable(`What is at ${uri} is not what ${type} ${id} was committed with.`);
  }
  return { ...envelope, data: JSON.parse(Buffer.from(body).toString()) };
}

/** Base64, as S3 wants it. */
function sha256(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("base64");
}
