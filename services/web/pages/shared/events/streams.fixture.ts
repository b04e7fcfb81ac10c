import { afterEach, beforeEach, vi } from "vitest";

interface OpenStream {
  /** `Last-Event-ID` of the request. */
  readonly lastId: string | undefined;
  readonly startedAt: number;
  readonly isOpen: () => boolean;
  /** Sends the text, and waits until the page has read it. */
  readonly send: (text: string) => Promise<void>;
  /** The shop ends the stream. */
  readonly end: () => Promise<void>;
}

class FakeDocument extends EventTarget {
  hidden = false;
}

/** For the tests of a file: a page with a fake clock, whose requests for streams the test answers. */
export function useStreams() {
  let page: FakeDocument;
  const streams: OpenStream[] = [];
  /** Answers the next requests in the place of streams. */
  const answers: (() => Response)[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    page = new FakeDocument();
    streams.length = 0;
    answers.length = 0;
    vi.stubGlobal("window", new EventTarget());
    vi.stubGlobal("document", page);
    vi.stubGlobal("fetch", async (_path: string, init: RequestInit) => {
      const answer = answers.shift()?.();
      return answer === undefined ? openStream(init) : readUntilAborted(answer, init.signal);
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  function openStream({ headers, signal }: RequestInit): Response {
    let isOpen = true;
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (started) => {
        controller = started;
      },
    });
    const close = (work: () => void) => {
      if (isOpen) work();
      isOpen = false;
    };
    signal?.addEventListener("abort", () => close(() => controller?.error(signal.reason)));
    streams.push({
      lastId: new Headers(headers).get("last-event-id") ?? undefined,
      startedAt: Date.now(),
      isOpen: () => isOpen,
      send: async (text) => {
        controller?.enqueue(new TextEncoder().encode(text));
        await settled();
      },
      end: async () => {
        close(() => controller?.close());
        await settled();
      },
    });
    return new Response(body);
  }

  const settled = () => vi.advanceTimersByTimeAsync(20);
  const setHidden = async (hidden: boolean) => {
    page.hidden = hidden;
    page.dispatchEvent(new Event("visibilitychange"));
    await settled();
  };
  return {
    streams,
    answers,
    settled,
    hide: () => setHidden(true),
    show: () => setHidden(false),
    latest: () => {
      const stream = streams.at(-1);
      if (stream === undefined) throw new Error("The page has asked for no stream.");
      return stream;
    },
  };
}

/** A body that is not read before the request is aborted cannot be read any more, as in a browser. */
async function readUntilAborted(answer: Response, signal: AbortSignal | null | undefined): Promise<Response> {
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (bytes.length === 0) return new Response(null, answer);
  const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    if (signal?.aborted) return controller.error(signal.reason);
    controller.enqueue(bytes);
    controller.close();
  };
  return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), answer);
}
