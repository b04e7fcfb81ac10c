import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { Aggregates } from "@doubleshot/aggregates";
import type { Outbox } from "@doubleshot/messaging";
import type { Reservation } from "./reservation.ts";

export interface ReservationsOptions {
  readonly outbox: Outbox;
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}

/**
 * How reservations are loaded and committed. Each is an aggregate of its own: a common one for all orders of a customer
 * would put their commits and their events in line behind each other.
 */
export class ReservationStore extends Aggregates<Reservation> {
  constructor({ outbox, client, table }: ReservationsOptions) {
    super({
      outbox,
      store: {
        get: async (id) => {
          const { Item } = await client.send(new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true }));
          return Item as Reservation | undefined;
        },
        save: ({ id, version, ...item }) => ({ table, key: { id }, item, expected: version }),
      },
      nameOf: (id) => `reservation#${id}`,
      onCommitted: () => undefined,
      // The order is done or cancelled soon after, and its message often comes to the same process.
      keeps: ({ status }) => status === "RESERVED",
    });
  }
}
