import { STATUS_CODES } from "node:http";

export interface ProblemOptions {
  /** The kind of problem in a few words; the status's own phrase when left out. */
  readonly title?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the document, for programs. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/**
 * An answer that is not what the caller hoped for, as RFC 9457 has it: throw it anywhere in a handler. `detail` goes to
 * the caller as it is, so it says what they can do, and nothing about our insides.
 */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(status: number, detail: string, options: ProblemOptions = {}) {
    // It answers a caller, and where it was thrown interests nobody; under an attack, the stack would be a fifth of the cost.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(detail);
    Error.stackTraceLimit = stackTraceLimit;
    this.status = status;
    this.title = options.title ?? STATUS_CODES[status] ?? "Unknown";
    this.detail = detail;
    this.headers = options.headers ?? {};
    this.extensions = options.extensions ?? {};
  }
}

/**
 * The document of a problem; `instance` is the request's id, for the caller to quote and the operator to search.
 * `members` are those of the request, beside the problem's own extensions.
 */
export function problemDocument(
  problem: Problem,
  requestId?: string,
  members: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const { status, title, detail, extensions } = problem;
  return {
    ...members,
    ...extensions,
    type: "about:blank",
    title,
    status,
    detail,
    ...(requestId !== undefined && { instance: `urn:uuid:${requestId}` }),
  };
}
