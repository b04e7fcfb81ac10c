import type { Response } from "express";

export interface StreamEvent {
  /** What kind it is; `message` to a browser if not given. No line breaks. */
  readonly event?: string;
  /** Comes back as `Last-Event-ID` when the client reconnects; one without leaves the last one standing. No line breaks. */
  readonly id?: string;
  readonly data: unknown;
}

export interface EventStreamOptions {
  /** Milliseconds between signs of life, which keep proxies from closing the connection, and show that the client still reads. Default 15 s. */
  readonly heartbeat?: number;
  /** The most events kept for a client who reads more slowly than they come. Default 1,000. */
  readonly mostWaiting?: number;
  /** Milliseconds after which a client should reconnect. Default 1 s. */
  readonly retry?: number;
}

/**
 * One client's server-sent events.
 *
 * The stream is *open* when made: its headers are out, and events are written as they come. When the client reads more
 * slowly, it is *held up*: events wait, up to a bound. It ends when the client leaves, when `end` is called, or by being
 * *cut off*: when too many events wait, or nothing at all could be written from one heartbeat to the next. A client who was
 * cut off reconnects and tells the last id it has seen, so what it missed costs memory nowhere.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class EventStream {
  readonly #response: Response;
  readonly #mostWaiting: number;
  readonly #timer: NodeJS.Timeout;
  readonly #waiting: string[] = [];
  readonly #left = Promise.withResolvers<void>();
  #writable: Promise<void> | undefined;
  #heldUp = false;
  #sendingAll = false;
  #heldUpAtHeartbeat = false;
  #over = false;
  #cutOff = false;

  constructor(response: Response, { heartbeat = 15_000, mostWaiting = 1_000, retry = 1_000 }: EventStreamOptions = {}) {
    this.#response = response;
    this.#mostWaiting = mostWaiting;
    response.once("close", () => this.#close());
    response.status(200).set({
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store",
      // nginx would keep events back until it has a buffer full.
      "X-Accel-Buffering": "no",
    });
    this.#timer = setInterval(() => this.#beat(), heartbeat);
    this.#write(`retry: ${retry}\n\n`);
    // Who left before there was a stream: nothing tells of it any more.
    if (response.closed) this.#close();
  }

  /** Resolves when the stream is over, for whatever reason. */
  get closed(): Promise<void> {
    return this.#left.promise;
  }

  /** True when the client was too slow. */
  get cutOff(): boolean {
    return this.#cutOff;
  }

  /** Writes the event, or has it wait. Harmless when the stream is over. */
  send(event: StreamEvent): void {
    if (this.#over) return;
    if (!this.#heldUp) {
      this.#write(textOf(event));
      return;
    }
    this.#waiting.push(textOf(event));
    if (this.#waiting.length > this.#mostWaiting) this.#cut();
  }

  /**
   * Writes many events as fast as the client takes them, without keeping more than one in memory. What is sent by `send`
   * meanwhile comes after them. Resolves when all are written or the stream is over.
   */
  async sendAll(events: Iterable<StreamEvent>): Promise<void> {
    this.#heldUp = true;
    this.#sendingAll = true;
    for (const event of events) {
      if (this.#over) return;
      if (!this.#response.write(textOf(event))) await this.#drained();
    }
    this.#sendingAll = false;
    this.#flush();
  }

  /** Ends the stream after what has been written. What waits is dropped: the client reconnects, here or elsewhere. */
  end(): void {
    if (this.#over) return;
    this.#response.end();
    this.#close();
  }

  #write(text: string): void {
    if (this.#response.write(text)) return;
    this.#heldUp = true;
    void this.#drained().then(() => this.#flush());
  }

  #flush(): void {
    if (this.#sendingAll) return;
    this.#heldUp = false;
    while (this.#waiting.length > 0 && !this.#heldUp && !this.#over) this.#write(this.#waiting.shift() ?? "");
  }

  /** Resolves when the client has taken what was written, or is gone. */
  #drained(): Promise<void> {
    this.#writable ??= new Promise<void>((resolve) => {
      const done = () => {
        this.#response.off("drain", done).off("close", done);
        this.#writable = undefined;
        resolve();
      };
      this.#response.once("drain", done).once("close", done);
    });
    return this.#writable;
  }

  #beat(): void {
    const stuck = this.#writable !== undefined;
    if (stuck && this.#heldUpAtHeartbeat) this.#cut();
    else if (!stuck) this.#response.write(":\n\n");
    this.#heldUpAtHeartbeat = stuck;
  }

  #cut(): void {
    this.#cutOff = true;
    this.#response.destroy();
    this.#close();
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#waiting.length = 0;
    clearInterval(this.#timer);
    this.#left.resolve();
  }
}

/** JSON has no line breaks outside of strings, and escapes those within. */
function textOf({ event, id, data }: StreamEvent): string {
  const head = `${event === undefined ? "" : `event: ${event}\n`}${id === undefined ? "" : `id: ${id}\n`}`;
  return `${head}data: ${JSON.stringify(data)}\n\n`;
}
