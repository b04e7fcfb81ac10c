import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Outbox, Subscriber } from "@doubleshot/messaging";
import type { Logger, Registry } from "@doubleshot/service-kit";
import type { AwsClients } from "@doubleshot/topology";
import type { ServiceIdentifier } from "inversify";
import type { ServiceHooks, ServiceHttp } from "./service-definition.ts";

/** A key in the container, for a value without a class of its own. */
export function token<T>(name: string): ServiceIdentifier<T> {
  return Symbol(name);
}

/** The values that the host binds for every service, beside `Hints`. There is one of each in a process. */
export const host = {
  log: token<Logger>("log"),
  clients: token<AwsClients>("clients"),
  /** `clients.documents`, the client of stores. */
  documents: token<DynamoDBDocumentClient>("documents"),
  /** The registry behind `/metrics`. */
  metrics: token<Registry>("metrics"),
  outbox: token<Outbox>("outbox"),
  subscriber: token<Subscriber>("subscriber"),
  http: token<ServiceHttp>("http"),
  hooks: token<ServiceHooks>("hooks"),
} as const;
