import type { Request } from "express";
import { z } from "zod";
import { identityOf } from "../access/index.ts";
import { ProblemError } from "../problems/index.ts";
import { callerOf } from "./caller.ts";

/** The caller promises that all requests under this key are the same request. */
export interface IdempotencyKey {
  /**
   * The subject of the caller's token, or the address of a caller without one: the same key from another caller is another key.
   * It is stored, as `subject:"<subject>"` or `address:<address>`.
   */
  readonly caller: string;
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

/** The key in the table of requests. Addresses hold no "#" and subjects are quoted, so caller and key cannot be confused. */
export const requestKeyOf = ({ caller, key }: IdempotencyKey): string => `${caller}#${key}`;

/** The schema of the header, for the operations that take it. Describe there what one key stands for. */
export const idempotencyKeyHeader = z
  .string()
  .regex(keyHeaderPattern, "send one key of 1 to 255 visible ASCII characters, without spaces")
  .optional();

/** The key of a request, if it has one. @throws ProblemError 400 for a caller without a token whose address is unknown */
export function idempotencyKeyOf(request: Request, header: string | undefined): IdempotencyKey | undefined {
  if (header === undefined) return undefined;
  const key = keyOf(header);
  const { subject } = identityOf(request);
  if (subject !== undefined) return { caller: `subject:${JSON.stringify(subject)}`, key };
  const { id, isNamed } = callerOf(request);
  if (isNamed) return { caller: `address:${id}`, key };
  // With one id for all callers, the same key of two of them would be one request.
  const detail =
    "The proxy in front of the service does not report your address, so another caller's Idempotency-Key could be the same as yours. Send the request without a key.";
  throw new ProblemError(400, detail);
}
