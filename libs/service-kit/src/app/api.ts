import { type Request, type RequestHandler, type Response, Router } from "express";
import type { z } from "zod";
import { expressPath, type Operation } from "../document/index.ts";
import { jsonBody, validated } from "../input/index.ts";
import { refusesHead } from "../problems/index.ts";

/** A request as its operation's schemas have it: parsed, with defaults. `request` is for what they do not tell. */
export interface Asked<O extends Operation> {
  readonly params: Parsed<O["params"], Record<string, string>>;
  readonly query: Parsed<O["query"], unknown>;
  readonly headers: Parsed<O["headers"], unknown>;
  readonly body: O["body"] extends { readonly schema: infer Schema } ? Parsed<Schema, unknown> : undefined;
  readonly request: Request;
}

type Parsed<Schema, Otherwise> = Schema extends z.ZodType ? z.output<Schema> : Otherwise;

/**
 * Routes that are described: what is added here is served by `router` and listed in `operations`, of which
 * `openApiDocument` makes the document. `tag` is the heading they stand under.
 */
export class Api {
  readonly tag: string;
  readonly router: Router = Router();
  readonly operations: Operation[] = [];

  constructor(tag: string) {
    this.tag = tag;
  }

  /** Serves the operation. The handler gets what its schemas made of the request, and answers. */
  handle<const O extends Operation>(
    operation: O,
    handler: (asked: Asked<O>, response: Response) => void | Promise<void>,
  ): void {
    this.operations.push(operation);
    const { method, path, body } = operation;
    const parsers = body === undefined ? [] : [jsonBody({ ...body })];
    const answer: RequestHandler = async (request, response) => {
      await handler(asked(operation, request), response);
    };
    this.router[method](expressPath(path), ...parsers, answer);
  }

  /**
   * Refuses HEAD at a GET path. Express would answer it by the GET route, which is wrong where a GET changes something:
   * the caller would see nothing of what they caused. Call it before `handle`.
   */
  refuseHead(path: string): void {
    this.router.head(expressPath(path), refusesHead);
  }
}

function asked<O extends Operation>(operation: O, request: Request): Asked<O> {
  const part = (schema: z.ZodType | undefined, value: unknown, what: string) =>
    schema === undefined ? value : validated(schema, value, what);
  const { params, query, headers, body } = operation;
  return {
    params: part(params, request.params, "The path"),
    query: part(query, request.query, "The query"),
    headers: part(headers, request.headers, "The set of headers"),
    body: body === undefined ? undefined : validated(body.schema, request.body === undefined ? {} : request.body),
    request,
  } as Asked<O>;
}
