export type Connection = "connecting" | "open" | "lost";

export interface StreamOptions {
  readonly url: string;
  /** Called with the data of each event, by the name of the event, and with its id. */
  readonly on: Readonly<Record<string, (data: unknown, id: string) => void>>;
  readonly onConnection: (connection: Connection) => void;
  readonly signal: AbortSignal;
}

/**
 * Reads server-sent events until the stream is refused or the signal fires. The browser itself reconnects after a lost
 * connection, with the last id. A device that was offline reconnects when it is back: the browser may not have noticed.
 */
export function readEvents({ url, on, onConnection, signal }: StreamOptions): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const source = new EventSource(url);
    const listening = new AbortController();
    const close = () => {
      listening.abort();
      source.close();
      resolve();
    };
    const lose = () => {
      onConnection("lost");
      if (source.readyState === EventSource.CLOSED) close();
    };
    source.onopen = () => onConnection("open");
    source.onerror = lose;
    for (const [name, read] of Object.entries(on)) {
      source.addEventListener(name, ({ data, lastEventId }) => read(JSON.parse(data), lastEventId));
    }
    const { signal: whileListening } = listening;
    signal.addEventListener("abort", close, { signal: whileListening });
    window.addEventListener("offline", () => onConnection("lost"), { signal: whileListening });
    window.addEventListener("online", close, { signal: whileListening });
  });
}
