import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { AwsClients } from "@doubleshot/topology";

/** These clients, whose single reads of DynamoDB reject with the error while there is one. */
export function failingReads(clients: AwsClients, failing: { readonly error?: Error }): AwsClients {
  const send = (command: never, ...rest: never[]) =>
    failing.error !== undefined && (command as unknown) instanceof GetCommand
      ? Promise.reject(failing.error)
      : clients.documents.send(command, ...rest);
  return { ...clients, documents: Object.create(clients.documents, { send: { value: send } }) };
}
