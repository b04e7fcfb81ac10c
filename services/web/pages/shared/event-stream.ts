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
/** A shop that takes connections and ends them at once is not back. */
const steadyMs = 5_000;

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
    const steady = () => {
      lost = 0;
    };
    let untilSteady: ReturnType<typeof setTimeout> | undefined;
    try {
      const headers = { accept: "text/event-stream", ...(lastId !== "" && { "last-event-id": lastId }) };
      const response = await request(path, { headers, signal: connection.signal });
      if (!response.ok || response.status === 204) return response;
      onConnection("open");
      untilSteady = setTimeout(steady, steadyMs);
      const parser = new EventParser(lastId);
      for await (const chunk of textOf(response)) {
        connection.heard();
        for (const { name, data, id } of parser.read(chunk)) {
          steady();
          on[name]?.(JSON.parse(data), id);
        }
        lastId = parser.lastId;
      }
    } catch {
      // Lost, silent or left.
    } finally {
      clearTimeout(untilSteady);
      connection.close();
    }
    if (signal.aborted) return undefined;
    onConnection("lost");
    await pause(reconnectMs(lost), signal).catch(() => undefined);
  }
  return undefined;
}

/** Doubles with each lost connection. Pages that a restart has cut off come back spread over half of it. */
function reconnectMs(lost: number): number {
  return Math.min(maxPauseMs, minPauseMs * 2 ** lost) * (0.5 + Math.random() / 2);
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
