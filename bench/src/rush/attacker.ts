import { connect } from "node:net";

// The attacker, in a process of their own and with as little ado as can be, so that what they cost the machine does not
// hold up the customers' clocks. Any message ends it.

interface Orders {
  readonly counters: readonly string[];
  readonly count: number;
  readonly address: string | undefined;
}

const { counters, count, address } = JSON.parse(process.argv[2] ?? "{}") as Orders;
const end = Promise.withResolvers<"waiting">();
// What has been answered by now may still be on its way.
process.once("message", () => setTimeout(() => end.resolve("waiting"), 250));
process.once("disconnect", () => process.exit(1));

const body = JSON.stringify({ name: "Delusional", items: [{ sku: "americano", quantity: 1 }] });
/** Named, because to find a free port takes the kernel long when there are thousands on one address. */
const firstPort = 2_000;

const statuses: Record<string, number> = {};
const startedAt = performance.now();
let refusedWithin = 0;

/** Resolves with the answer's status, or with "cut off". */
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
      // Somebody listens there at every address.
      const taken = code === "EADDRINUSE" && address !== undefined;
      resolve(taken ? order(index, localPort + count) : "cut off");
    });
    socket.once("close", () => resolve("cut off"));
    socket.write(
      `POST /order/ HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  });
}

await Promise.all(
  Array.from({ length: count }, async (_, index) => {
    const status = await Promise.race([order(index), end.promise]);
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === "429") refusedWithin = performance.now() - startedAt;
  }),
);
process.send?.({ statuses, refusedWithin }, () => process.exit(0));
