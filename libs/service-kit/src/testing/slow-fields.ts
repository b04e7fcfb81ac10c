import { Agent, request as httpRequest } from "node:http";
import { setTimeout } from "node:timers/promises";
import type { OpenApiDocument } from "../document/index.ts";
import { type CallerRequest, callerFields } from "./caller-fields.ts";
import { superlinearText } from "./superlinear-text.ts";

/** Node takes 16 KB of headers, and the services 16 KB of body: twice this, and the rest of a request, are within both. */
const size = 4_000;
/** Milliseconds after which a request without an answer is suspected to wait for something. */
const suspectedAfterMs = 50;

/**
 * Returns the fields of a service that take time out of proportion to the length of their texts. The service at `url`
 * must run in this thread, because the CPU of this thread is measured.
 */
export async function slowFields(url: string, document: OpenApiDocument): Promise<string[]> {
  using agent = new DisposableAgent();
  const send = (request: CallerRequest) => handled(url, agent, request);
  const slow: string[] = [];
  for (const { name, encode, request } of await callerFields(document, send)) {
    const text = await superlinearText({ size, encode, read: (each) => send(request(each)) });
    if (text !== undefined) slow.push(`${name}: ${text.slice(0, 10)}...${text.slice(-3)}`);
  }
  return slow;
}

class DisposableAgent extends Agent {
  constructor() {
    super({ keepAlive: true });
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

/** Resolves when the request is answered; or when it waits, which other requests sent after it show by being answered. */
async function handled(url: string, agent: Agent, request: CallerRequest): Promise<void> {
  const left = new AbortController();
  const answered = sent(url, agent, request, left.signal);
  const others = async () => {
    await setTimeout(suspectedAfterMs, undefined, { signal: left.signal });
    for (let round = 0; round < 3; round++) await sent(url, agent, { method: "GET", path: "/livez" }, left.signal);
  };
  await Promise.race([answered, others().catch(() => answered)]);
  left.abort();
}

function sent(
  url: string,
  agent: Agent,
  { method, path, headers = {}, body = "" }: CallerRequest,
  signal: AbortSignal,
) {
  const length = method === "GET" ? {} : { "content-length": Buffer.byteLength(body) };
  return new Promise<void>((resolve) => {
    const outgoing = httpRequest(`${url}${path}`, { method, agent, signal, headers: { ...length, ...headers } });
    // A refusal to go on with the connection is an answer, too.
    outgoing.once("error", () => resolve());
    outgoing.once("response", (response) => response.resume().once("close", resolve));
    outgoing.end(method === "GET" ? undefined : body);
  });
}
