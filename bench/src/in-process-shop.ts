import { type LocalAws, type LocalAwsOptions, startLocalAws } from "@doubleshot/local-aws";
import { relay } from "@doubleshot/messaging";
import { readServiceConfig, startService } from "@doubleshot/service-host";
import { createLogger, type RunningService } from "@doubleshot/service-kit";
import { coffeeShop } from "@doubleshot/shop";
import { type AwsClients, createAwsClients, physicalName, topicArn } from "@doubleshot/topology";
import { baristaService } from "../../services/barista/src/service.ts";
import { customersService } from "../../services/customers/src/service.ts";
import { ordersService } from "../../services/orders/src/service.ts";

type Env = Readonly<Record<string, string>>;
const services = { orders: ordersService, barista: baristaService, customers: customersService } as const;
const { topology } = coffeeShop;

/** The shop with all its services and relays in this process, on an embedded AWS. */
export class InProcessShop implements AsyncDisposable {
  readonly aws: LocalAws;
  /** Lines of all logs, parsed. */
  readonly lines: Record<string, unknown>[] = [];
  /** While false, every invocation of a relay fails, and publishes nothing. */
  relaysWork = true;
  readonly #onClients: (clients: AwsClients) => void;
  readonly #running: RunningService[] = [];
  readonly #made: AwsClients[] = [];

  private constructor(aws: LocalAws, onClients: (clients: AwsClients) => void) {
    this.aws = aws;
    this.#onClients = onClients;
  }

  /**
   * `onClients` is called with the AWS clients of each service and of the relays before their first call; `pace` is that of the
   * polls of the streams.
   */
  static async open(
    onClients: (clients: AwsClients) => void = () => undefined,
    { pace }: Pick<LocalAwsOptions, "pace"> = {},
  ): Promise<InProcessShop> {
    const opened = Promise.withResolvers<InProcessShop>();
    const functions = Object.entries(topology.mappings).map(([name, { source, publishesTo, parked = "" }]) => {
      const publish = opened.promise.then(async (opened) => {
        const clients = opened.#clients();
        const parking = { client: clients.documents, table: physicalName(coffeeShop.name, parked) };
        return relay({
          client: clients.sns,
          topicArn: await topicArn(clients, coffeeShop.name, publishesTo),
          source,
          parking,
        });
      });
      const handler = async (...invocation: Parameters<ReturnType<typeof relay>>) => {
        if (!(await opened.promise).relaysWork) throw new Error("The relay is down.");
        return (await publish)(...invocation);
      };
      return [name, { handler }] as const;
    });
    const times = { minRetryMs: 10, maxRetryMs: 100 };
    const shopHere = new InProcessShop(
      await startLocalAws({ topology, times, functions: Object.fromEntries(functions), ...(pace && { pace }) }),
      onClients,
    );
    opened.resolve(shopHere);
    return shopHere;
  }

  /** Starts a service as its own process would. Returns its URL. */
  async start(name: keyof typeof services, env: Env = {}, logLevel = "debug"): Promise<string> {
    const [manifest, definition] = [coffeeShop.services[name], services[name]];
    const config = readServiceConfig(manifest, definition.config, { PORT: "0", ...env });
    const log = createLogger(name, logLevel, { write: (line) => void this.lines.push(JSON.parse(line)) });
    const clients = this.#clients();
    // The container of one service does not fit the definition of the other, and both fit their own.
    const service = await startService(manifest, definition as typeof ordersService, { config, log, clients } as never);
    this.#running.push(service);
    return service.url;
  }

  #clients(): AwsClients {
    const clients = createAwsClients({ endpoints: this.aws.endpoints });
    this.#made.push(clients);
    this.#onClients(clients);
    return clients;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.map((service) => service.drain()));
    for (const clients of this.#made) clients.destroy();
    await this.aws.close();
  }
}
