import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
  type EventSourceMappingConfiguration,
  type LambdaClient,
  ListEventSourceMappingsCommand,
} from "@aws-sdk/client-lambda";
import { DeleteMessageCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { coffeeShop } from "@doubleshot/shop";
import {
  type AwsClients,
  createAwsClients,
  type ProvisionedPart,
  physicalName,
  provision,
  queueUrl,
  type Topology,
} from "@doubleshot/topology";
import { createLambdaClient, deployRelays } from "@doubleshot/topology/functions";

const { names, topology: own } = coffeeShop.services.orders;

/** The orders service alone, whose own queue gets its events. */
const topology: Topology = {
  ...own,
  subscriptions: [{ topic: names.topic, queue: names.queue, undelivered: names.undelivered, handles: [] }],
};

/** The orders' outbox with its relay, in a shop of its own on the endpoint of the environment. */
export class DeployedOrders implements Disposable {
  readonly shop: string;
  readonly clients: AwsClients = createAwsClients();
  readonly lambda: LambdaClient = createLambdaClient();

  constructor(name: string) {
    this.shop = `${process.env.ENDPOINT_SHOPS}-${name}`;
  }

  get relay(): string {
    return physicalName(this.shop, names.relay);
  }

  get outbox(): string {
    return physicalName(this.shop, names.outbox);
  }

  get topic(): string {
    return names.topic;
  }

  provision() {
    const { shop, clients } = this;
    return provision({ topology, shop, clients });
  }

  /** Deploys the built relay, with this text behind it. Returns the state of each part by its kind. */
  async deploy(more = ""): Promise<Partial<Record<ProvisionedPart["kind"], ProvisionedPart["state"]>>> {
    const bundle = Buffer.concat([await readFile(process.env.RELAY_BUNDLE ?? ""), Buffer.from(more)]);
    return this.deployCode(bundle);
  }

  async deployCode(handler: Uint8Array, variables: Readonly<Record<string, string>> = {}) {
    const { shop, clients, lambda } = this;
    const modules = { "handler.mjs": handler };
    const { parts } = await deployRelays({ topology, shop, clients, lambda, modules, variables });
    return Object.fromEntries(parts.map(({ kind, state }) => [kind, state]));
  }

  /** Writes a row with one event, as the outbox writes it. */
  async commit(text: string): Promise<void> {
    const events = [{ id: randomUUID(), type: "OrderPlaced", json: text }];
    const Item = { aggregate: `order#${randomUUID()}`, version: 1, events, committedAt: new Date().toISOString() };
    await this.clients.documents.send(new PutCommand({ TableName: this.outbox, Item }));
  }

  /**
   * Waits for the next message in the queue of the orders, and deletes it.
   *
   * @throws Error with the state of the relay's mappings, when none has come in two minutes
   */
  async received(): Promise<string> {
    const { longPolls } = this.clients;
    const QueueUrl = await queueUrl(this.clients, this.shop, names.queue);
    const deadline = Date.now() + 120_000;
    while (Date.now() < deadline) {
      const { Messages = [] } = await longPolls.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
      const [message] = Messages;
      if (message === undefined) continue;
      await longPolls.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
      return message.Body ?? "";
    }
    throw new Error(`No message came from the relay. Its mappings: ${JSON.stringify(await this.mappings())}.`);
  }

  async mappings(): Promise<EventSourceMappingConfiguration[]> {
    const ofRelay = new ListEventSourceMappingsCommand({ FunctionName: this.relay });
    const { EventSourceMappings = [] } = await this.lambda.send(ofRelay);
    return EventSourceMappings;
  }

  [Symbol.dispose](): void {
    this.lambda.destroy();
    this.clients.destroy();
  }
}
