import { connect } from "node:net";

// The attacker. It is a process of its own with bare sockets, so that its own work delays the customers' clocks as little as
// possible. Any message ends it.

interface Orders {
  readonly counters: readonly string[];
  readonly count: number;
  readonly address: string | undefined;
}

const { counters, count, address } = JSON.parse(process.argv[2] ?? "{}") as Orders;
const end = Promise.withResolvers<"waiting">();
// Answers that the shop has sent by now may still be on their way.
process.once("message", () => setTimeout(() => end.resolve("waiting"), 250));
process.once("disconnect", () => process.exit(1));

const body = JSON.stringify({ name: "Delusional", items: [{ sku: "americano", quantity: 1 }] });
/** Ports are named, because the kernel is slow to find a free one when thousands are in use on one address. */
const firstPort = 2_000;

const statuses: Record<string, number> = {};
const startedAt = performance.now();
let refusedWithinMs = 0;

/** Resolves with the answer's status, or with `cut-off` when the connection breaks. */
function order(index: number, localPort = firstPort + index): Promise<string> {
  const { hostname, port } = new URL(counters[index % counters.length] ?? "");
  const from = address === undefined ? {} : { localAddress: address, localPort };
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), ...from });
    socket.once("data", (head) => {
      resolve(head.toString("latin1", 9, 12));
      socket.destroy();
    });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => {
      // A server listens on this port at every address: take the next port.
      const taken = code === "EADDRINUSE" && address !== undefined;
      resolve(taken ? order(index, localPort + count) : "cut-off");
    });
    socket.once("close", () => resolve("cut-off"));
    socket.write(
      `POST /order/ HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  });
}

await Promise.all(
  Array.from({ length: count }, async (_, index) => {
    const status = await Promise.race([order(index), end.promise]);
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === "429") refusedWithinMs = performance.now() - startedAt;
  }),
);
process.send?.({ statuses, refusedWithinMs }, () => process.exit(0));
