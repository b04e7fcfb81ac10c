import type { z } from "zod";

/**
 * One thing a service does over HTTP: what its callers are told about it in the OpenAPI document, and what their
 * requests are held to. One source for both, so that neither can say what the other does not do.
 */
export interface Operation {
  /** Unique in the service; names the operation in clients that are generated from the document. */
  readonly id: string;
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** As OpenAPI writes it: `/claims/{order_id}/finish`. */
  readonly path: string;
  readonly summary: string;
  /** Markdown. */
  readonly description?: string;
  /** A request that does not fit is answered with a 400 problem before the handler runs. Parameters not named pass. */
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Names in lower case, as Node has them. */
  readonly headers?: z.ZodObject;
  readonly body?: OperationBody;
  /** What it answers when it went well, by status. */
  readonly answers: Readonly<Record<number, OperationAnswer>>;
  /** When it answers with which problem, by status. Those that any request can meet need not be named. */
  readonly problems?: Readonly<Record<number, string>>;
}

export interface OperationBody {
  /** No body at all is held to it as `{}`. */
  readonly schema: z.ZodType;
  /** What to do with a body that is not `application/json`: as if there were none, or answer 415. */
  readonly others: "ignored" | "refused";
  /** How deep arrays and objects may nest; more is a 400. Default 32. */
  readonly levels?: number;
  /** Refuses JSON that would come out changed, such as a number with more digits than a double has: a 400. */
  readonly exact?: boolean;
}

export interface OperationAnswer {
  readonly description: string;
  /** Left out, the answer has no body. */
  readonly schema?: z.ZodType;
  /** `application/json` if not given. */
  readonly type?: string;
  /** What they say, by name. Those that every answer has need not be named. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The path as Express writes it: `/claims/:order_id/finish`. */
export function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}
