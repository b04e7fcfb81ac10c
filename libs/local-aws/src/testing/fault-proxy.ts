import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * The fate of a call: `pass` it on; `cut` the connection after the endpoint has carried it out and before the answer
 * is back; `stall`: carry it out and never answer; `drop` the connection before anything is carried out.
 */
export type Fault = "pass" | "cut" | "stall" | "drop" | ForeignAnswer;

/** The answer of a captive portal or a broken balancer in place of the endpoint. */
export interface ForeignAnswer {
  /** The endpoint carries the call out all the same. */
  readonly isCarriedOut: boolean;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The operation by its name in AWS's APIs, such as `TransactWriteItems`, and the body as sent. */
export interface ProxiedCall {
  readonly operation: string;
  readonly body: string;
}

export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  /** Decides the fate of the calls that arrive from now on. */
  inflict(fault: (call: ProxiedCall) => Fault): void;
  close(): Promise<void>;
}

/** Starts a proxy in front of an endpoint, which lets tests lose or replace the endpoint's answers. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  let decide: (call: ProxiedCall) => Fault = () => "pass";

  const server = createServer((incoming, outgoing) => {
    void collect(incoming).then(
      (body) => {
        const fault = decide(proxiedCall(incoming, body.toString()));
        if (fault === "drop") incoming.socket.destroy();
        else if (typeof fault === "object" && !fault.isCarriedOut) outgoing.writeHead(...headOf(fault)).end(fault.body);
        else forward(incoming, body, outgoing, fault);
      },
      () => outgoing.destroy(),
    );
  });

  function forward(incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse, fault: Fault): void {
    const { method, url, headers } = incoming;
    const call = request(new URL(url ?? "/", target), { method, headers }, (answer) => {
      collect(answer).then(
        (answerBody) => {
          if (fault === "cut") incoming.socket.destroy();
          if (fault === "pass") outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(answerBody);
          if (typeof fault === "object") outgoing.writeHead(...headOf(fault)).end(fault.body);
        },
        () => outgoing.destroy(),
      );
    });
    call.on("error", () => outgoing.destroy());
    // A client that gives up takes no call back: the endpoint carries it out all the same.
    call.end(body);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${port}`,
    inflict: (fault) => {
      decide = fault;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const headOf = ({ status, headers }: ForeignAnswer): [number, Record<string, string>] => [status, { ...headers }];

/** JSON protocols name the operation in a header, SNS in its form. */
function proxiedCall({ headers }: IncomingMessage, body: string): ProxiedCall {
  const target = headers["x-amz-target"] ?? new URLSearchParams(body).get("Action") ?? "";
  return { operation: String(target).replace(/^.*\./, ""), body };
}

async function collect(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
