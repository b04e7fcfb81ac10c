import type { IncomingMessage } from "node:http";
import express, { type Request, type RequestHandler } from "express";
import { firstInexact } from "./exact-json.ts";
import { deeperThan } from "./json-depth.ts";
import { Problem } from "./problem.ts";
import { notAsExpected } from "./validated.ts";

export interface JsonBodyOptions {
  /** The most a body may have, of whatever type. `answerWithProblem` names the same figure. */
  readonly limit: "16kb";
  /** What to do with a body that is not `application/json`: nothing, or answer 415. */
  readonly others: "ignored" | "refused";
  /** How deep arrays and objects may nest in it, so that nothing which walks it overflows the stack. Default 32. */
  readonly levels?: number | undefined;
  /** Refuses JSON that would come out changed: for what is handed on as it is. See `firstInexact`. Default false. */
  readonly exact?: boolean | undefined;
}

/** The text of bodies that are to be exact, until it has been looked at. */
const texts = new WeakMap<IncomingMessage, string>();

function keepText(request: IncomingMessage, _response: unknown, body: Buffer, charset: string): void {
  texts.set(request, new TextDecoder(charset).decode(body));
}

/**
 * Parses `application/json` bodies into `request.body`, which stays `undefined` when there is none. Any JSON value is
 * taken; that it should be an object is for the route's schema to say.
 *
 * A body that is ignored is read all the same, and counts against the limit: left on the socket, it would stop the
 * caller half way through sending.
 */
export function jsonBody({ limit, others, levels = 32, exact = false }: JsonBodyOptions): RequestHandler[] {
  const rest = express.raw({ limit, type: () => true });
  return [
    express.json({ limit, type: "application/json", strict: false, ...(exact && { verify: keepText }) }),
    (request, response, next) => {
      if (request.body !== undefined) return next(tooDeep(request, levels) ?? inexact(request));
      return rest(request, response, (error) => {
        if (error) return next(error);
        // A POST without a body says Content-Length: 0 (fetch does), and the parser makes an empty one of that.
        const empty = request.body === undefined || request.body.length === 0;
        request.body = undefined;
        return next(others === "refused" && !empty ? notJson() : undefined);
      });
    },
  ];
}

function notJson(): Problem {
  return new Problem(415, "The body is not JSON. Send it with Content-Type: application/json.");
}

function tooDeep({ body }: Request, levels: number): Problem | undefined {
  if (!deeperThan(levels, body)) return undefined;
  return new Problem(400, `The body nests too deep. Send at most ${levels} levels.`);
}

function inexact(request: Request): Problem | undefined {
  const found = firstInexact(texts.get(request) ?? "");
  return found && notAsExpected("The body", [found]);
}
