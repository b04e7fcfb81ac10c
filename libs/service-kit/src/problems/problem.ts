import { STATUS_CODES } from "node:http";

export interface ProblemOptions {
  /** The kind of problem in a few words. Default: the phrase of the status. */
  readonly title?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the document, for programs. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/**
 * A failed request's response (RFC 9457): throw it anywhere in a handler. The caller gets `detail` unchanged, so it names
 * the problem and the remedy, and nothing of the service's internals.
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(status: number, detail: string, options: ProblemOptions = {}) {
    // The stack of a problem has no use, and would be a fifth of the cost of a refusal.
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
 * Returns the document of a problem. Its `instance` is the request's id, which the caller can report and the operator can
 * search for. `members` are those of the request, beside the problem's own extensions.
 */
export function problemDocument(
  problem: ProblemError,
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
