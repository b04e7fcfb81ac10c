import type { Request, RequestHandler } from "express";
import { ProblemError } from "../problems/index.ts";
import { firstInexact } from "./exact-json.ts";
import { deeperThan } from "./json-depth.ts";
import { splitOutsideQuotes, unquoted } from "./quoted-strings.ts";
import { readBody } from "./read-body.ts";
import { notAsExpected } from "./validate.ts";

export interface JsonBodyOptions {
  /** Maximum size of a body of any type, before and after decompression. Default 16 KB. */
  readonly maxBytes?: number;
  /** Whether a body that is not `application/json` is ignored or refused with a 415. */
  readonly others: "ignored" | "refused";
  /** How many levels arrays and objects may nest, so that code that walks them does not overflow the stack. Default 32. */
  readonly maxLevels?: number | undefined;
}

/**
 * Parses `application/json` bodies into `request.body`, which stays `undefined` if there is no body. Any JSON value is
 * accepted here that parsing does not change (`firstInexact`); the route's schema restricts it further.
 *
 * An ignored body is read, too, and must keep the size limit: an unread body would block a caller that is still sending.
 */
export function jsonBody(options: JsonBodyOptions): RequestHandler {
  return async (request, response, next) => {
    const bytes = await readBody(request, response, options.maxBytes ?? 16_384);
    if (bytes.length > 0) {
      if (request.is("application/json")) request.body = jsonIn(textOf(bytes, request), options);
      else if (options.others === "refused") throw notJson();
    }
    next();
  };
}

function jsonIn(text: string, { maxLevels = 32 }: JsonBodyOptions): unknown {
  const value = parsed(text);
  if (deeperThan(maxLevels, value))
    throw new ProblemError(400, `The body nests too deep. Send at most ${maxLevels} levels.`);
  const inexact = firstInexact(text);
  if (inexact) throw notAsExpected("The body", [inexact]);
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProblemError(400, "The body is not valid JSON. Correct it before sending it again.");
  }
}

function textOf(bytes: Buffer, request: Request): string {
  if (!isUtf8(request.get("content-type") ?? "")) {
    throw new ProblemError(415, "The body's charset is not supported. Send UTF-8.");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ProblemError(400, "The body is not valid UTF-8, as JSON must be. Encode it as UTF-8.");
  }
}

/** JSON is UTF-8; ASCII is part of that. @see https://www.rfc-editor.org/rfc/rfc8259#section-8.1 */
function isUtf8(contentType: string): boolean {
  const charsets = splitOutsideQuotes(contentType, ";")
    .map((parameter) => parameter.trim().toLowerCase())
    .filter((parameter) => parameter.startsWith("charset="))
    .map((parameter) => unquoted(parameter.slice("charset=".length)));
  return charsets.every((charset) => charset === "utf-8" || charset === "utf8" || charset === "us-ascii");
}

function notJson(): ProblemError {
  return new ProblemError(415, "The body is not JSON. Send it with Content-Type: application/json.");
}
