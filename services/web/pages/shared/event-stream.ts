import { EventParser } from "./event-parser.ts";
import { pause, request } from "./shop-api.ts";

export type Connection = "connecting" | "open" | "lost";

export interface StreamOptions {
  readonly path: string;
  /** Called with the data of each event, by the name of the event, and with its id. */
  readonly on: Readonly<Record<string, (data: unknown, id: string) => void>>;
  readonly onConnection: (connection: Connection) => void;
  readonly signal: AbortSignal;
}

/** The shop writes a line every 15 s. A connection that is silent for longer is dead, though the device may not know. */
const maxSilenceMs = 40_000;
const minPauseMs = 500;
const maxPauseMs = 8_000;

/**
 * Reads server-sent events until the shop refuses the stream or the signal fires. After a lost connection it goes on with
 * the last id. `EventSource` cannot send the token of a session, so this is `fetch`.
 *
 * @returns the refusal, for the caller to explain
 */
export async function readEvents({ path, on, onConnection, signal }: StreamOptions): Promise<Response | undefined> {
  let lastId = "";
  for (let lost = 0; !signal.aborted; lost++) {
    const connection = connect(signal);
    try {
      const headers = { accept: "text/event-stream", ...(lastId !== "" && { "last-event-id": lastId }) };
      const response = await request(path, { headers, signal: connection.signal });
      if (!response.ok || response.status === 204) return response;
      onConnection("open");
      lost = 0;
      const parser = new EventParser(lastId);
      for await (const chunk of textOf(response)) {
        connection.heard();
        for (const { name, data, id } of parser.read(chunk)) on[name]?.(JSON.parse(data), id);
        lastId = parser.lastId;
      }
    } catch {
      // Lost, silent or left.
    } finally {
      connection.close();
    }
    if (signal.aborted) return undefined;
    onConnection("lost");
    await pause(Math.min(maxPauseMs, minPauseMs * 2 ** lost), signal).catch(() => undefined);
  }
  return undefined;
}

/** A connection that ends with the signal, with the device's network, or after too long a silence. */
function connect(signal: AbortSignal) {
  const over = new AbortController();
  const end = () => over.abort();
  let silence = setTimeout(end, maxSilenceMs);
  signal.addEventListener("abort", end, { signal: over.signal });
  window.addEventListener("offline", end, { signal: over.signal });
  return {
    signal: over.signal,
    heard: () => {
      clearTimeout(silence);
      silence = setTimeout(end, maxSilenceMs);
    },
    close: () => {
      clearTimeout(silence);
      end();
    },
  };
}

async function* textOf({ body }: Response): AsyncGenerator<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done || value === undefined) return;
    yield value;
  }
}
