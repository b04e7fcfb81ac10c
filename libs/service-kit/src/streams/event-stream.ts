import type { Response } from "express";
import { identityOf } from "../access/index.ts";

export interface StreamEvent {
  /** The kind of event; browsers take `message` if left out. No line breaks. */
  readonly event?: string;
  /** Comes back as `Last-Event-ID` when the client reconnects. An event without an id keeps the previous one. No line breaks. */
  readonly id?: string;
  /** Any JSON value. */
  readonly data: unknown;
}

/** Comments at this interval keep proxies from closing the connection, and reach a client that has gone. */
const heartbeatMs = 15_000;
/** Events that are kept for a client that reads more slowly than they come. */
const maxWaiting = 1_000;
/**
 * A stream of a caller with a token ends after this time, and the client reconnects. So a revoked key, which is looked for in
 * requests, ends a display's stream within the hour; its token may be valid for months.
 */
const maxAuthenticatedMs = 60 * 60_000;
/** The client reconnects after this time. */
const retryMs = 1_000;

/**
 * Server-sent events for one client. The stream is one of:
 * - open      events are written when they are sent; so it begins, with its headers written
 * - held up   the client reads more slowly, or `sendAll` is running: events wait, up to 1,000
 * - ended     the client left, `end` was called, its token expired or was checked an hour ago, or more than 1,000
 *             events waited. The client reconnects
 *             with the last id that it has received, so no memory is spent on the events that it missed
 *
 * `serve` disconnects a client that reads nothing at all, which ends the stream, too.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class EventStream {
  readonly #response: Response;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #expiry: NodeJS.Timeout | undefined;
  readonly #waiting: string[] = [];
  readonly #closed = Promise.withResolvers<void>();
  #drained: Promise<void> | undefined;
  #isHeldUp = false;
  #isSendingAll = false;
  #hasEnded = false;

  constructor(response: Response) {
    this.#response = response;
    response.once("close", () => this.#close());
    response.status(200).set({
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store",
      // nginx would collect events until a buffer is full.
      "X-Accel-Buffering": "no",
    });
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
    const { expiresAt } = identityOf(response.req);
    if (expiresAt !== undefined) {
      this.#expiry = setTimeout(() => this.end(), Math.min(Math.max(0, expiresAt - Date.now()), maxAuthenticatedMs));
    }
    this.#write(`retry: ${retryMs}\n\n`);
    // The client may have left before: then no event reports it.
    if (response.closed) this.#close();
  }

  /** Resolves at the end of the stream. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Writes the event, or adds it to the waiting ones. Does nothing after the end. */
  send(event: StreamEvent): void {
    if (this.#hasEnded) return;
    if (!this.#isHeldUp) {
      this.#write(textOf(event));
      return;
    }
    this.#waiting.push(textOf(event));
    if (this.#waiting.length <= maxWaiting) return;
    this.#response.destroy();
    this.#close();
  }

  /**
   * Writes the events as fast as the client reads them, and takes the next one only then. Events that are sent by `send`
   * meanwhile follow after them. Resolves when all are written, or at the end of the stream.
   */
  async sendAll(events: Iterable<StreamEvent>): Promise<void> {
    this.#isHeldUp = true;
    this.#isSendingAll = true;
    for (const event of events) {
      if (this.#hasEnded) return;
      if (!this.#response.write(textOf(event))) await this.#drain();
    }
    this.#isSendingAll = false;
    this.#flush();
  }

  /** Ends the stream after the written events, without the waiting ones: the client reconnects, here or elsewhere. */
  end(): void {
    if (this.#hasEnded) return;
    this.#response.end();
    this.#close();
  }

  #write(text: string): void {
    if (this.#response.write(text)) return;
    this.#isHeldUp = true;
    void this.#drain().then(() => this.#flush());
  }

  #flush(): void {
    if (this.#isSendingAll) return;
    this.#isHeldUp = false;
    while (this.#waiting.length > 0 && !this.#isHeldUp && !this.#hasEnded) this.#write(this.#waiting.shift() ?? "");
  }

  /** Resolves when the client has read the pending output, or has left. */
  #drain(): Promise<void> {
    this.#drained ??= new Promise<void>((resolve) => {
      const done = () => {
        this.#response.off("drain", done).off("close", done);
        this.#drained = undefined;
        resolve();
      };
      this.#response.once("drain", done).once("close", done);
    });
    return this.#drained;
  }

  #beat(): void {
    if (this.#drained === undefined) this.#response.write(":\n\n");
  }

  #close(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#waiting.length = 0;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#expiry);
    this.#closed.resolve();
  }
}

/** JSON has no line breaks outside of strings, and escapes those inside. */
function textOf({ event, id, data }: StreamEvent): string {
  const head = `${event === undefined ? "" : `event: ${event}\n`}${id === undefined ? "" : `id: ${id}\n`}`;
  return `${head}data: ${JSON.stringify(data)}\n\n`;
}
