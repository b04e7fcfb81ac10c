import { Agent } from "node:http";
import { call } from "../rush/call.ts";

export interface ClosedLoop {
  readonly orders: string;
  readonly barista: string;
  /** Number of callers. Each orders again as soon as it is served, from an address of its own. */
  readonly callers: number;
  readonly baristas: number;
  /** First orders, which are not measured, because processes load and compile with their first work. */
  readonly warmUp: number;
  readonly measured: number;
  readonly signal: AbortSignal;
}

export interface Throughput {
  readonly ordersPerSecond: number;
  /** Milliseconds from sending a finish to the whole 200 at its caller, one entry for each measured order. */
  readonly finishToAnswerMs: readonly number[];
}

/** Lets callers order and baristas finish at once, until all measured orders are served. @throws Error when a caller gets no 200 */
export async function closedLoop(loop: ClosedLoop): Promise<Throughput> {
  const { callers, baristas, warmUp, measured, signal } = loop;
  const done = new AbortController();
  const work = AbortSignal.any([signal, done.signal]);
  const agent = new Agent({ keepAlive: true });
  const finishedAt = new Map<string, number>();
  const answers: { at: number; finishToAnswerMs: number }[] = [];
  let left = warmUp + measured + callers;

  const caller = async (index: number) => {
    // Addresses of 127.0.0.0/8 are this machine's. From one address the shop would limit their rate.
    const localAddress = process.platform === "linux" ? `127.2.0.${index + 1}` : undefined;
    while (left > 0) {
      left -= 1;
      const { status, body } = await call({
        method: "POST",
        url: `${loop.orders}/order/`,
        localAddress,
        agent,
        signal,
      });
      if (status !== 200) throw new Error(`A caller got ${status}: ${JSON.stringify(body)}`);
      const at = performance.now();
      const { id } = Object.assign({ id: "" }, body);
      answers.push({ at, finishToAnswerMs: at - (finishedAt.get(id) ?? Number.NaN) });
      finishedAt.delete(id);
    }
  };
  const barista = async () => {
    while (!work.aborted) {
      const claim = { method: "GET", url: `${loop.barista}/start/?wait=20`, agent, signal: work } as const;
      const { status, body } = await call(claim).catch((error: unknown) => {
        if (work.aborted) return { status: 204, body: undefined };
        throw error;
      });
      if (status === 204) continue;
      const { order_id: id } = Object.assign({ order_id: "" }, body);
      finishedAt.set(id, performance.now());
      await call({ method: "POST", url: `${loop.barista}/finish/?order_id=${id}`, agent, signal });
    }
  };

  const working = Promise.all(Array.from({ length: baristas }, barista));
  try {
    const served = Promise.all(Array.from({ length: callers }, (_, index) => caller(index)));
    // Baristas work until the abort, so one that ends earlier has failed.
    await Promise.race([served, working.then(() => served)]);
  } finally {
    done.abort();
    await working.catch(() => undefined);
    agent.destroy();
  }
  return throughput(answers.slice(warmUp, warmUp + measured));
}

function throughput(answers: readonly { at: number; finishToAnswerMs: number }[]): Throughput {
  const [first] = answers;
  const last = answers.at(-1);
  if (first === undefined || last === undefined) throw new Error("No order was measured.");
  return {
    ordersPerSecond: ((answers.length - 1) / (last.at - first.at)) * 1_000,
    finishToAnswerMs: answers.map((answer) => answer.finishToAnswerMs),
  };
}
