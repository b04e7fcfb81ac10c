import type { Request, RequestHandler } from "express";
import { Problem } from "../problems/index.ts";
import { firstInexact } from "./exact-json.ts";
import { deeperThan } from "./json-depth.ts";
import { splitOutsideQuotes, unquoted } from "./quoted-strings.ts";
import { readBody } from "./read-body.ts";
import { notAsExpected } from "./validated.ts";

export interface JsonBodyOptions {
  /** The most bytes a body may have, of whatever type, also after decompression. Default 16 KB. */
  readonly maxBytes?: number;
  /** What to do with a body that is not `application/json`: nothing, or answer 415. */
  readonly others: "ignored" | "refused";
  /** How deep arrays and objects may nest in it, so that nothing which walks it overflows the stack. Default 32. */
  readonly levels?: number | undefined;
  /** Refuses JSON that would come out changed: for what is handed on as it is. See `firstInexact`. Default false. */
  readonly exact?: boolean | undefined;
}

/**
 * Parses `application/json` bodies into `request.body`, which stays `undefined` when there is none. Any JSON value is
 * taken; that it should be an object is for the route's schema to say.
 *
 * A body that is ignored is read all the same, and counts against the limit: left on the socket, it would stop the
 * caller half way through sending.
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

function jsonIn(text: string, { levels = 32, exact = false }: JsonBodyOptions): unknown {
  const value = parsed(text);
  if (deeperThan(levels, value)) throw new Problem(400, `The body nests too deep. Send at most ${levels} levels.`);
  const inexact = exact ? firstInexact(text) : undefined;
  if (inexact) throw notAsExpected("The body", [inexact]);
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, "The body is not valid JSON.");
  }
}

function textOf(bytes: Buffer, request: Request): string {
  if (!isUtf8(request.get("content-type") ?? "")) {
    throw new Problem(415, "The body's charset is not supported. Send UTF-8.");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Problem(400, "The body is not valid UTF-8, which JSON has to be.");
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

function notJson(): Problem {
  return new Problem(415, "The body is not JSON. Send it with Content-Type: application/json.");
}
