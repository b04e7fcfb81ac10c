import type { Request } from "express";
import { z } from "zod";
import { identityOf } from "../access/index.ts";
import { ProblemError } from "../problems/index.ts";
import { callerOf } from "./caller.ts";

/** The caller promises that all requests under this key are the same request. */
export interface IdempotencyKey {
  /**
   * The same key in another scope is another key. The scope is stored: `subject:"<subject>"` of the caller's token,
   * `address:<address>` of a caller without one, or `guest` for a key that belongs to all who hold it.
   */
  readonly scope: string;
  readonly key: string;
}

/**
 * An `Idempotency-Key` header: up to 255 visible ASCII characters, in the double quotes that the IETF draft asks for or
 * without any. The API's document shows this pattern.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export const keyHeaderPattern = /^(?:"[\x21-\x7e]{1,255}"|[\x21\x23-\x7e][\x21-\x7e]{0,254})$/;

/** The key in a header of this pattern: without the quotes, so that both ways to write it are one key. */
export const keyOf = (header: string): string => (header.startsWith('"') ? header.slice(1, -1) : header);

/** The key in the table of requests. Addresses hold no "#" and subjects are quoted, so scope and key cannot be confused. */
export const requestKeyOf = ({ scope, key }: IdempotencyKey): string => `${scope}#${key}`;

/** The schema of the header, for the operations that take it. Describe there what one key stands for. */
export const idempotencyKeyHeader = z
  .string()
  .regex(keyHeaderPattern, "send one key of 1 to 255 visible ASCII characters, without spaces")
  .optional();

/** The key of a request, if it has one. @throws ProblemError 400 for a guessable key of a caller without a token or an address */
export function idempotencyKeyOf(request: Request, header: string | undefined): IdempotencyKey | undefined {
  if (header === undefined) return undefined;
  const key = keyOf(header);
  const scope = scopeOf(request, key);
  if (scope !== undefined) return { scope, key };
  // With one id for all callers, the same key of two of them would be one request.
  const detail =
    "The proxy in front of the service does not report your address, so another caller's Idempotency-Key could be the same as yours. Send a random UUID as the key, or no key.";
  throw new ProblemError(400, detail);
}

/** Versions 4 and 7 are random enough that nobody guesses one. @see https://www.rfc-editor.org/rfc/rfc9562#section-5 */
const randomUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/**
 * A guest's random UUID belongs to all who hold it, because a phone changes its address between two attempts. It is as secret
 * as an order's id. Undefined for another key of a caller without a token whose address is unknown.
 */
function scopeOf(request: Request, key: string): string | undefined {
  const { subject } = identityOf(request);
  if (subject !== undefined) return `subject:${JSON.stringify(subject)}`;
  if (randomUuid.test(key)) return "guest";
  const { id, isNamed } = callerOf(request);
  return isNamed ? `address:${id}` : undefined;
}
