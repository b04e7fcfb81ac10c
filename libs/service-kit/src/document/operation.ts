import type { z } from "zod";
import type { Access } from "../access/index.ts";

/**
 * One operation of a service over HTTP: its description in the OpenAPI document, and the schemas that validate its
 * requests. Both come from here, so that the document cannot differ from the service.
 */
export interface Operation {
  /** Unique in the service; names the operation in clients that are generated from the document. */
  readonly id: string;
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** In the notation of OpenAPI: `/claims/{order_id}/finish`. */
  readonly path: string;
  readonly summary: string;
  /** Checked before the request is read. */
  readonly access: Access;
  /** Markdown. */
  readonly description?: string;
  /** A request that does not match gets a 400 problem before the handler runs. Other parameters are ignored. */
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Names in lower case, as in Node. */
  readonly headers?: z.ZodObject;
  readonly body?: OperationBody;
  /** Successful responses, by status. */
  readonly answers: Readonly<Record<number, OperationAnswer>>;
  /** Problems with their causes, by status. Problems of every request need not be listed. */
  readonly problems?: Readonly<Record<number, string>>;
}

export interface OperationBody {
  /** A missing body is validated as `{}`. */
  readonly schema: z.ZodType;
  /** Whether a body that is not `application/json` counts as missing or is refused with a 415. */
  readonly others: "ignored" | "refused";
  /** How many levels arrays and objects may nest; more is a 400. Default 32. */
  readonly maxLevels?: number;
}

export interface OperationAnswer {
  readonly description: string;
  /** If left out, the response has no body. */
  readonly schema?: z.ZodType;
  /** Default `application/json`. */
  readonly type?: string;
  /** Descriptions, by name. Headers of every response need not be listed. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Returns the path in the notation of Express: `/claims/:order_id/finish`. */
export function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}
