import { STATUS_CODES } from "node:http";

/** A refusal of the fault API. The message is one sentence for the caller, with the next step. */
export class FaultProblemError extends Error {
  override readonly name = "FaultProblemError";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }

  /** @see https://www.rfc-editor.org/rfc/rfc9457 */
  get json(): string {
    return JSON.stringify({
      type: "about:blank",
      title: STATUS_CODES[this.status],
      status: this.status,
      detail: this.message,
    });
  }
}
