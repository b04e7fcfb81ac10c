import { GetQueueUrlCommand, ListQueuesCommand } from "@aws-sdk/client-sqs";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { coffeeShop } from "@doubleshot/shop";
import { type AwsClients, createAwsClients, physicalName, provision } from "@doubleshot/topology";
import { afterAll, afterEach, beforeAll, beforeEach, onTestFinished } from "vitest";
import type { Hint } from "./hint.ts";
import { QueueHints } from "./hints.ts";
import { Instances } from "./instances.ts";

const log = { debug() {}, info() {}, warn() {} };

/** For `expect.poll`; the interval is in milliseconds. */
export const until = { interval: 5 };

/** Gives each test a shop of its own, so that no test sees the instances of another. */
export class HintShop {
  #aws: LocalAws | undefined;
  #shops = 0;
  readonly #opened: QueueHints[] = [];

  get aws(): LocalAws {
    if (this.#aws === undefined) throw new Error("AWS is not open yet: use it inside a test.");
    return this.#aws;
  }

  get name(): string {
    return `shop${this.#shops}`;
  }

  get table(): string {
    return physicalName(this.name, "orders-instances");
  }

  get queuePrefix(): string {
    return `${this.name}-orders-hints-`;
  }

  async begin(aws: LocalAws): Promise<void> {
    this.#aws = aws;
    this.#shops += 1;
    await provision({ topology: coffeeShop.topology, shop: this.name, clients: aws.clients });
  }

  async drain(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((hints) => hints.drain()));
  }

  instances({ documents: client, sqs }: Pick<AwsClients, "documents" | "sqs"> = this.aws.clients): Instances {
    return new Instances({ client, sqs, table: this.table, queuePrefix: this.queuePrefix, leaseSeconds: 60 });
  }

  /** Opens an instance with its mailbox, at a rhythm quick enough for a test. */
  async open({
    clients = this.aws.clients,
    rhythm = { heartbeatSeconds: 1, janitorSeconds: 60, settlingSeconds: 0 },
    drainWithinMs = 60_000,
  } = {}) {
    const received: Hint[] = [];
    const onHints = (hints: readonly Hint[]) => void received.push(...hints);
    const { table, queuePrefix } = this;
    const hints = new QueueHints({ clients, table, queuePrefix, log, onHints, rhythm, drainWithinMs });
    await hints.start();
    this.#opened.push(hints);
    const { instanceId } = hints;
    if (instanceId === undefined) throw new Error("The instance has no mailbox.");
    return { hints, instanceId, received, queue: this.instances().queueName(instanceId) };
  }

  async queues(): Promise<string[]> {
    const list = new ListQueuesCommand({ QueueNamePrefix: this.queuePrefix });
    const { QueueUrls = [] } = await this.aws.clients.sqs.send(list);
    return QueueUrls.map((url) => url.slice(url.lastIndexOf("/") + 1));
  }

  async urlOf(QueueName: string): Promise<string | undefined> {
    return (await this.aws.clients.sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
  }

  async rows(): Promise<Record<string, unknown>[]> {
    const scan = new ScanCommand({ TableName: this.table, ConsistentRead: true });
    return (await this.aws.clients.documents.send(scan)).Items ?? [];
  }

  async rowIds(): Promise<unknown[]> {
    return (await this.rows()).map(({ id }) => id);
  }
}

/** Opens AWS once for a test file and a shop for each of its tests, and closes everything. */
export function hintShop(): HintShop {
  const shop = new HintShop();
  let aws: LocalAws;
  beforeAll(async () => {
    aws = await startLocalAws();
  });
  beforeEach(() => shop.begin(aws));
  afterEach(() => shop.drain());
  afterAll(() => aws?.close());
  return shop;
}

type Interceptor = (command: string) => Promise<unknown> | undefined;

/** Clients for this test alone. Each call waits for `before` ahead of its request, and for `after` behind its answer. */
export function interceptedClients(
  { aws }: HintShop,
  { before, after }: { before?: Interceptor; after?: Interceptor },
) {
  const clients = createAwsClients({ endpoints: aws.endpoints });
  onTestFinished(() => clients.destroy());
  type Call<Args, Answer> = (args: Args) => Promise<Answer>;
  const intercept =
    <Args, Answer>(next: Call<Args, Answer>, { commandName = "" }: { commandName?: string }): Call<Args, Answer> =>
    async (args) => {
      await before?.(commandName);
      const answer = await next(args);
      await after?.(commandName);
      return answer;
    };
  clients.documents.middlewareStack.add(intercept, { step: "initialize" });
  clients.sqs.middlewareStack.add(intercept, { step: "initialize" });
  clients.longPolls.middlewareStack.add(intercept, { step: "initialize" });
  return clients;
}
