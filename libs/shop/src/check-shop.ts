import type { Service } from "./service.ts";
import { tablesOf } from "./shop-topology.ts";

/** The services of a shop do not fit together, or AWS refuses one of their names. */
export class ShopError extends Error {
  override readonly name = "ShopError";
}

/** @throws ShopError with one sentence for the first mistake */
export function checkShop(name: string, services: readonly Service[]): void {
  if (!shopName.test(name)) {
    throw new ShopError(
      `The shop is named ${quoted(name)}: use at most ${maxShopName} lower-case letters, digits and hyphens, the first no hyphen.`,
    );
  }
  for (const service of services) checkNames(service);
  checkDistinct(services);
  checkIssuers(services);
  checkPaths(services);
  checkTables(services);
  for (const service of services) checkSubscriptions(service, services);
}

const maxShopName = 32;
const shopName = /^[a-z0-9][a-z0-9-]{0,31}$/;
/** Segments without wildcards: a load balancer would take `*` and `?` for such. `/` is that path alone. */
const publicPath = /^(\/|(\/[\w.-]+)+)$/;
const serviceName = /^[a-z][a-z0-9-]*$/;

/** Processes and options of `npm start`, and the beginnings of variables that mean other things: `ADMIN_PORT`, for example. */
const reservedNames = [
  "admin",
  "auth",
  "auth-jwks",
  "aws",
  "aws-endpoint",
  "data",
  "dynamodb",
  "dynamodb-admin",
  "faults",
  "fresh",
  "help",
  "inspector",
  "messaging",
  "relay",
  "verbose",
];

/**
 * Of tables and indexes. DynamoDB takes 255 characters, 33 of which may be SHOP and a hyphen.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
const tableName = /^[\w.-]{3,222}$/;

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html */
const maxQueueName = 80;

function checkNames(service: Service): void {
  const { name, port, tables } = service;
  if (!serviceName.test(name)) {
    throw new ShopError(
      `A service is named ${quoted(name)}: use lower-case letters, digits and hyphens, the first a letter.`,
    );
  }
  if (reservedNames.includes(name)) {
    throw new ShopError(`A service is named ${name}, which npm start uses for something else: give it another name.`);
  }
  if (!(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    throw new ShopError(`Service ${name} has the port ${port}: give a whole number from 1 to 65535.`);
  }
  const badPath = service.paths.find((path) => !publicPath.test(path));
  if (badPath !== undefined) {
    throw new ShopError(
      `Service ${name} has the path ${quoted(badPath)}: use segments of letters, digits, hyphens, dots and underscores, each after a slash.`,
    );
  }
  // A service has no queue with a longer name. The name of a hint queue is at most as long.
  const tooLong = service.names.undelivered.length + maxShopName + "-".length - maxQueueName;
  if (tooLong > 0) {
    throw new ShopError(
      `Service ${name} has a name too long for its queues (SQS takes ${maxQueueName} characters, and SHOP may take ${maxShopName} of them): shorten it by ${tooLong}.`,
    );
  }
  const named = Object.entries(tables).flatMap(([table, { indexes = {} }]) => [table, ...Object.keys(indexes)]);
  const refused = named.find((each) => !tableName.test(each));
  if (refused !== undefined) {
    throw new ShopError(
      `Service ${name} names a table or an index ${quoted(refused)}: use 3 to 222 letters, digits, underscores, dots and hyphens.`,
    );
  }
}

function checkDistinct(services: readonly Service[]): void {
  const byName = new Map<string, Service>();
  const byPort = new Map<number, Service>();
  for (const service of services) {
    if (byName.has(service.name)) {
      throw new ShopError(`Two services are named ${service.name}: give one of them another name.`);
    }
    const neighbour = byPort.get(service.port);
    if (neighbour !== undefined) {
      throw new ShopError(
        `Services ${neighbour.name} and ${service.name} both have port ${service.port}: give one of them another port.`,
      );
    }
    byName.set(service.name, service);
    byPort.set(service.port, service);
  }
}

function checkPaths(services: readonly Service[]): void {
  const owned = services.flatMap(({ name, paths }) => paths.map((path) => ({ name, path })));
  for (const { name, path } of owned) {
    const other = owned.find((each) => each.name !== name && `${each.path}/`.startsWith(`${path}/`));
    if (other !== undefined) {
      throw new ShopError(
        `Services ${name} and ${other.name} both have the path ${other.path}: give one of them another path.`,
      );
    }
  }
}

/** Two issuers would sign with keys that the other one does not publish. */
function checkIssuers(services: readonly Service[]): void {
  const issuers = services.filter(({ signingKeys }) => signingKeys !== undefined);
  const stray = issuers.find(({ signingKeys = "", tables }) => !Object.hasOwn(tables, signingKeys));
  if (stray !== undefined) {
    throw new ShopError(
      `Service ${stray.name} keeps its signing keys in ${quoted(stray.signingKeys ?? "")}, which is no table of its own: add it to its tables.`,
    );
  }
  if (issuers.length > 1) {
    const names = issuers.map(({ name }) => name).join(" and ");
    throw new ShopError(`Services ${names} both have signing keys: let one of them issue the tokens.`);
  }
}

function checkTables(services: readonly Service[]): void {
  const owners = new Map<string, string>();
  for (const service of services) {
    const { name, tables } = service;
    const derived = Object.keys(tablesOf({ ...service, tables: {} }));
    for (const table of [...Object.keys(tables), ...derived]) {
      const owner = owners.get(table);
      if (owner === name) {
        throw new ShopError(
          `Service ${name} names a table ${table}, as does its manifest's messaging: give its own another name.`,
        );
      }
      if (owner !== undefined) {
        throw new ShopError(`Services ${owner} and ${name} both have a table ${table}: give one of them another name.`);
      }
      owners.set(table, name);
    }
  }
}

function checkSubscriptions({ name, subscribes }: Service, services: readonly Service[]): void {
  for (const [publisherName, events] of Object.entries(subscribes)) {
    const publisher = services.find((each) => each.name === publisherName);
    if (publisher === undefined) {
      const others = services.map((each) => each.name).join(", ");
      throw new ShopError(
        `Service ${name} subscribes to ${quoted(publisherName)}, which is no service of the shop: it has ${others}.`,
      );
    }
    if (events.length === 0) {
      throw new ShopError(`Service ${name} subscribes to no event of ${publisherName}: name one, or leave it out.`);
    }
    const published = publisher.publishes.map(({ type }) => type);
    const unknown = events.find(({ type }) => !published.includes(type));
    if (unknown !== undefined) {
      throw new ShopError(
        `Service ${name} subscribes to ${unknown.type} of ${publisherName}, which publishes ${published.join(", ") || "nothing"}: add it there, or correct the subscription.`,
      );
    }
  }
}

const quoted = (text: string): string => JSON.stringify(text);
