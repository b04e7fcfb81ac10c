import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type BlockedMarker, blockedKey, openGroup } from "@doubleshot/messaging/operations";
import { conditionHeld } from "@doubleshot/topology";
import type { Shop, SubscriberResources } from "../shop.ts";

/**
 * The markers of blocked aggregates. The consumer writes one when it gives up a message; all messages of the aggregate then
 * follow into the dead-letter queue. `upTo` is the SQS sequence number of the newest moved message.
 */
export class BlockedMarkers {
  readonly #client: Shop["clients"]["documents"];
  readonly #subscriber: SubscriberResources;

  constructor({ clients }: Shop, subscriber: SubscriberResources) {
    this.#client = clients.documents;
    this.#subscriber = subscriber;
  }

  /** Consistent. Undefined: the aggregate is not blocked. */
  async get(aggregate: string): Promise<BlockedMarker | undefined> {
    const { Item } = await this.#client.send(new GetCommand({ ...this.#at(aggregate), ConsistentRead: true }));
    // The consumer creates it, and its tests hold the shape.
    return Item as BlockedMarker | undefined;
  }

  /** Lets the messages of this run pass. Returns false when the aggregate is not blocked. */
  async allow(aggregate: string, run: string): Promise<boolean> {
    return conditionHeld(
      this.#client.send(
        new UpdateCommand({
          ...this.#at(aggregate),
          UpdateExpression: "SET #redrive = :run",
          ConditionExpression: "attribute_exists(#upTo)",
          ExpressionAttributeNames: { "#redrive": "redrive", "#upTo": "upTo" },
          ExpressionAttributeValues: { ":run": run },
        }),
      ),
    );
  }

  /** Releases the aggregate, unless a consumer or another run has changed the marker meanwhile. */
  async release(aggregate: string, run: string, upTo: string): Promise<boolean> {
    const { inbox: table, name } = this.#subscriber;
    return openGroup({ client: this.#client, table, subscriber: name }, aggregate, { redrive: run, upTo });
  }

  #at(aggregate: string) {
    return { TableName: this.#subscriber.inbox, Key: { message: blockedKey(this.#subscriber.name, aggregate) } };
  }
}
