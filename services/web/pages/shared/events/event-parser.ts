export interface ServerEvent {
  readonly name: string;
  readonly data: string;
  /** The id of this event, or of the last one before it that had an id. */
  readonly id: string;
}

/**
 * Parses server-sent events out of chunks of text, which may end anywhere.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class EventParser {
  #rest = "";
  #name = "";
  #data: string[] = [];
  /** The id of the block that is being read, whose end may never come. */
  #id: string;
  #lastId: string;

  constructor(lastId = "") {
    this.#id = lastId;
    this.#lastId = lastId;
  }

  /** The id to go on from: that of the last complete block, which may be a block without data. */
  get lastId(): string {
    return this.#lastId;
  }

  /** Returns the events that this chunk completes. */
  read(chunk: string): ServerEvent[] {
    const lines = (this.#rest + chunk).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.#readLine(line.endsWith("\r") ? line.slice(0, -1) : line));
  }

  #readLine(line: string): ServerEvent[] {
    if (line === "") return this.#complete();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#name = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id") this.#id = value;
    return [];
  }

  #complete(): ServerEvent[] {
    const [name, data] = [this.#name, this.#data];
    this.#name = "";
    this.#data = [];
    this.#lastId = this.#id;
    return data.length === 0 ? [] : [{ name: name || "message", data: data.join("\n"), id: this.#id }];
  }
}
