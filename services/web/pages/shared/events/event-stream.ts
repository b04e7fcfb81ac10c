import { type Failure, failureOf, pause, request } from "../shop-api.ts";
import { EventParser } from "./event-parser.ts";

export type Connection = "connecting" | "open" | "lost";

export interface StreamOptions {
  readonly path: string;
  /** Called with the data of each event, by the name of the event, and with its id. */
  readonly on: Readonly<Record<string, (data: unknown, id: string) => void>>;
  readonly onConnection: (connection: Connection) => void;
  /** Whether the stream stays open while the page is hidden, for a notification or a sound. */
  readonly staysOpenHidden: () => boolean;
  readonly signal: AbortSignal;
}

/** The shop writes a line every 15 s. A connection that is silent for longer is dead, though the device may not know. */
const maxSilenceMs = 40_000;
const minPauseMs = 500;
const maxPauseMs = 8_000;
/** A shop that takes connections and ends them at once is not back. */
const steadyMs = 5_000;

/**
 * Reads server-sent events until the stream is over, the shop refuses it, or the signal fires. After a lost connection it
 * goes on with the last id. `EventSource` cannot send the token of a session, so this is `fetch`.
 *
 * The stream of a hidden page is closed, unless the page needs it, and goes on when the page is seen again. With HTTP/1.1 a
 * browser opens six connections to an origin, for all tabs together, and each stream holds one of them.
 *
 * @returns the refusal, for the caller to explain
 */
export async function readEvents(options: StreamOptions): Promise<Failure | undefined> {
  const { onConnection, signal } = options;
  const progress: Progress = { lastId: "", lost: 0 };
  while (!signal.aborted) {
    await untilNeeded(options);
    if (signal.aborted) return undefined;
    const end = await readConnection(options, progress);
    if (signal.aborted || end === "over") return undefined;
    if (end === "hidden") {
      onConnection("connecting");
      continue;
    }
    if (end !== "lost" && end.kind === "refused") {
      onConnection("open");
      return end;
    }
    onConnection("lost");
    const pauseMs = end === "lost" ? reconnectMs(progress.lost++) : end.retryMs;
    await pause(pauseMs, signal).catch(() => undefined);
  }
  return undefined;
}

interface Progress {
  /** The id to go on from. */
  lastId: string;
  /** Connections that were lost since the last one that was good. */
  lost: number;
}

/**
 * The end of a connection:
 * - over    the shop has no more events
 * - hidden  nobody sees the page
 * - lost    it broke, was silent for too long, or the caller left
 */
type End = "over" | "hidden" | "lost" | Failure;

async function readConnection(options: StreamOptions, progress: Progress): Promise<End> {
  const connection = connect(options);
  const headers = {
    accept: "text/event-stream",
    ...(progress.lastId !== "" && { "last-event-id": progress.lastId }),
  };
  try {
    const response = await request(options.path, { headers, signal: connection.signal });
    if (response.status === 204) return "over";
    if (!response.ok) return await failureOf(response);
    options.onConnection("open");
    await readBody(response, { options, progress, onHeard: connection.heard });
  } catch {
    // The reason of the signal says why.
  } finally {
    connection.close();
  }
  return connection.signal.reason === hidden ? "hidden" : "lost";
}

interface Reading {
  readonly options: StreamOptions;
  readonly progress: Progress;
  readonly onHeard: () => void;
}

async function readBody(response: Response, { options, progress, onHeard }: Reading): Promise<void> {
  const steady = () => {
    progress.lost = 0;
  };
  const untilSteady = setTimeout(steady, steadyMs);
  try {
    const parser = new EventParser(progress.lastId);
    for await (const chunk of textOf(response)) {
      onHeard();
      for (const { name, data, id } of parser.read(chunk)) {
        steady();
        options.on[name]?.(JSON.parse(data), id);
      }
      progress.lastId = parser.lastId;
    }
  } finally {
    clearTimeout(untilSteady);
  }
}

/** Doubles with each lost connection. Pages that a restart has cut off come back spread over half of it. */
function reconnectMs(lost: number): number {
  return Math.min(maxPauseMs, minPauseMs * 2 ** lost) * (0.5 + Math.random() / 2);
}

/** The reason of a signal. */
const hidden = "hidden";

const isNeeded = ({ staysOpenHidden }: StreamOptions) => !document.hidden || staysOpenHidden();

/** Resolves when the page needs its events, or at the signal. */
function untilNeeded(options: StreamOptions): Promise<void> {
  if (isNeeded(options)) return Promise.resolve();
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = () => {
      over.abort();
      resolve();
    };
    document.addEventListener("visibilitychange", end, { signal: over.signal });
    options.signal.addEventListener("abort", end, { signal: over.signal });
  });
}

/** A connection that ends with the signal, with the device's network, when the page is hidden, or after too long a silence. */
function connect(options: StreamOptions) {
  const over = new AbortController();
  const { signal } = over;
  const end = () => over.abort();
  let silence = setTimeout(end, maxSilenceMs);
  options.signal.addEventListener("abort", end, { signal });
  window.addEventListener("offline", end, { signal });
  document.addEventListener("visibilitychange", () => isNeeded(options) || over.abort(hidden), { signal });
  return {
    signal,
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
