import { get } from "node:http";
import { createInterface } from "node:readline";

export interface EventReader {
  /** Resolves when the stream has begun. @throws Error when the answer is no stream. */
  readonly open: Promise<void>;
  /** Resolves at the next event whose data contain the text, with the time by performance.now(). */
  until(text: string): Promise<number>;
  close(): void;
}

/** Reads server-sent events as a browser would, on a connection of its own. */
export function readEvents(url: string): EventReader {
  const opened = Promise.withResolvers<void>();
  const wanted = new Map<string, PromiseWithResolvers<number>>();
  const request = get(url, { agent: false }, (response) => {
    if (response.statusCode === 200) opened.resolve();
    else opened.reject(new Error(`${url} answers ${response.statusCode}.`));
    // `close` breaks the connection, which is an error of the stream and of its lines.
    const lines = createInterface(response).on("error", () => undefined);
    lines.on("line", (line) => {
      for (const [text, { resolve }] of wanted) {
        if (!line.startsWith("data: ") || !line.includes(text)) continue;
        wanted.delete(text);
        resolve(performance.now());
      }
    });
  });
  request.on("error", opened.reject);
  request.once("close", () => {
    for (const { reject } of wanted.values()) reject(new Error(`${url} is over.`));
  });
  return {
    open: opened.promise,
    until: (text) => {
      const event = Promise.withResolvers<number>();
      wanted.set(text, event);
      return event.promise;
    },
    close: () => request.destroy(),
  };
}
