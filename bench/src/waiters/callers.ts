import { connect } from "node:net";

/** A caller that waits at the counter. */
export interface Caller {
  readonly answer: Promise<{ readonly status: string; readonly at: number }>;
}

/** Below the default limits for open orders and for the rate of one address. */
const callersPerAddress = 200;
/**
 * Opens `count` callers that order at the counter and wait, each on a connection of its own, from new addresses of
 * 127.67.0.0/16. They are bare sockets, so that no client library is measured.
 */
export function callersAt(counter: string, from: number, count: number): Caller[] {
  return Array.from({ length: count }, (_, index) => caller(counter, Math.floor((from + index) / callersPerAddress)));
}

function caller(counter: string, address: number): Caller {
  const { hostname: host, port } = new URL(counter);
  const localAddress = process.platform === "linux" ? `127.67.${address >> 8}.${(address & 255) + 1}` : undefined;
  const socket = connect({ host, port: Number(port), ...(localAddress !== undefined && { localAddress }) });
  const answer = new Promise<{ status: string; at: number }>((resolve) => {
    const settle = (status: string) => {
      resolve({ status, at: performance.now() });
      socket.destroy();
    };
    socket.once("data", (head) => settle(head.toString("latin1", 9, 12)));
    socket.once("error", ({ message }) => settle(message));
    socket.once("close", () => settle("closed"));
  });
  socket.write(`POST /order/ HTTP/1.1\r\nHost: ${host}:${port}\r\nContent-Length: 0\r\n\r\n`);
  return { answer };
}

export function addressesOf(count: number): number {
  return Math.ceil(count / callersPerAddress);
}
