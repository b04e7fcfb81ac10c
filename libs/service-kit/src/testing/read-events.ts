import { onTestFinished, vi } from "vitest";

export interface ReadEvent {
  readonly event: string;
  readonly id?: string;
  readonly data: Record<string, unknown>;
}

/** Reads the events of a stream as they come, until the test ends or `leave`. */
export async function readEvents(url: string, headers: Record<string, string> = {}) {
  const gone = new AbortController();
  const response = await fetch(url, { headers, signal: gone.signal });
  const events: ReadEvent[] = [];
  let state: "open" | "ended" | "cut off" = "open";
  const reading = (async () => {
    let rest = "";
    for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const parts = (rest + text).split("\n\n");
      rest = parts.pop() ?? "";
      events.push(...parts.flatMap(parsed));
    }
  })().then(
    () => {
      state = "ended";
    },
    () => {
      state = "cut off";
    },
  );
  const leave = async () => {
    gone.abort();
    await reading;
  };
  onTestFinished(leave);
  const until = <T>(look: (events: readonly ReadEvent[]) => T | undefined | false) =>
    vi.waitFor(
      () => {
        const found = look(events);
        if (found === undefined || found === false) throw new Error(`Not among ${JSON.stringify(events)}`);
        return found;
      },
      { timeout: 120_000, interval: 5 },
    );
  return { response, events, until, leave, state: () => state };
}

function parsed(block: string): ReadEvent[] {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
  const data = field("data");
  const id = field("id");
  if (data === undefined) return [];
  return [{ event: field("event") ?? "message", data: JSON.parse(data), ...(id === undefined ? {} : { id }) }];
}
