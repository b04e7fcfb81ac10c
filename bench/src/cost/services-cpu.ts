import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { call } from "../rush/call.ts";

const inFlight = 16;

/** Milliseconds of processor time that the services take for an order, the relays and the embedded AWS left out. */
export async function servicesCpu(orders: number): Promise<number> {
  await using shop = await openShop();
  await serveMany(shop, inFlight * 4);
  const before = await cpuSeconds(shop);
  await serveMany(shop, orders);
  return (((await cpuSeconds(shop)) - before) * 1_000) / orders;
}

async function serveMany(shop: OpenShop, orders: number): Promise<void> {
  let left = orders;
  const next = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await serveOne(shop);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, next));
}

async function serveOne({ services }: OpenShop): Promise<void> {
  const [counter, bar] = [services.orders[0]?.url ?? "", services.barista[0]?.url ?? ""];
  const customer = call({ method: "POST", url: `${counter}/order/` });
  const { status, body } = await call({ method: "GET", url: `${bar}/start/?wait=60` });
  if (status !== 200) throw new Error(`A barista got ${status}.`);
  const { order_id: id } = Object.assign({ order_id: "" }, body);
  await call({ method: "POST", url: `${bar}/finish/?order_id=${id}` });
  await customer;
}

async function cpuSeconds({ services }: OpenShop): Promise<number> {
  const processes = Object.values(services).flat();
  const seconds = processes.map(async ({ url }) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)?.[1]);
  });
  return (await Promise.all(seconds)).reduce((sum, each) => sum + each, 0);
}
