import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { relay } from "@doubleshot/messaging";
import { readServiceConfig, startService } from "@doubleshot/service-host";
import { createLogger, type RunningService } from "@doubleshot/service-kit";
import { shop } from "@doubleshot/shop";
import { createAwsClients, topicArn } from "@doubleshot/topology";
import { baristaService } from "../../services/barista/src/service.ts";
import { ordersService } from "../../services/orders/src/service.ts";

type Env = Readonly<Record<string, string>>;
const services = { orders: ordersService, barista: baristaService } as const;
const { topology } = shop;

/** The shop with all its services and relays in this process, on an embedded AWS. */
export class InProcessShop implements AsyncDisposable {
  readonly aws: LocalAws;
  /** Lines of all logs, parsed. */
  readonly lines: Record<string, unknown>[] = [];
  /** While false, every invocation of a relay fails, and publishes nothing. */
  relaysWork = true;
  readonly #running: RunningService[] = [];

  private constructor(aws: LocalAws) {
    this.aws = aws;
  }

  static async open(): Promise<InProcessShop> {
    const opened = Promise.withResolvers<InProcessShop>();
    const functions = Object.entries(topology.mappings).map(([name, { source, publishesTo }]) => {
      const publish = opened.promise.then(async ({ aws: { clients } }) =>
        relay({ client: clients.sns, topicArn: await topicArn(clients, shop.name, publishesTo), source }),
      );
      const handler = async (...invocation: Parameters<ReturnType<typeof relay>>) => {
        if (!(await opened.promise).relaysWork) throw new Error("The relay is down.");
        return (await publish)(...invocation);
      };
      return [name, { handler }] as const;
    });
    const times = { minRetryMs: 10, maxRetryMs: 100 };
    const shopHere = new InProcessShop(
      await startLocalAws({ topology, times, functions: Object.fromEntries(functions) }),
    );
    opened.resolve(shopHere);
    return shopHere;
  }

  /** Starts a process of the service, so to speak. Returns its URL. */
  async start(name: keyof typeof services, env: Env = {}): Promise<string> {
    const [manifest, definition] = [shop.services[name], services[name]];
    const config = readServiceConfig(manifest, definition.config, { PORT: "0", ...env });
    const log = createLogger(name, "debug", { write: (line) => void this.lines.push(JSON.parse(line)) });
    const clients = createAwsClients({ endpoints: this.aws.endpoints });
    // The container of one service does not fit the definition of the other, and both fit their own.
    const service = await startService(manifest, definition as typeof ordersService, { config, log, clients } as never);
    this.#running.push({
      ...service,
      drain: async () => {
        await service.drain();
        clients.destroy();
      },
    });
    return service.url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.map((service) => service.drain()));
    await this.aws.close();
  }
}
