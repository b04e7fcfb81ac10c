import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type BlockedMarker, blockedKey, openGroup } from "@doubleshot/messaging/operations";
import { conditionHeld } from "@doubleshot/topology";
import type { Shop, SubscriberPlace } from "../../shop.ts";

/**
 * What the consumer wrote when it gave a message of the aggregate up: all of its messages follow into the dead-letter
 * queue. `upTo` is the number that the newest moved message had in the subscriber's queue.
 */
export class BlockedMarkers {
  readonly #client: Shop["clients"]["documents"];
  readonly #place: SubscriberPlace;

  constructor({ clients }: Shop, place: SubscriberPlace) {
    this.#client = clients.documents;
    this.#place = place;
  }

  /** Consistent. Undefined: the aggregate is not blocked. */
  async get(aggregate: string): Promise<BlockedMarker | undefined> {
    const { Item } = await this.#client.send(new GetCommand({ ...this.#at(aggregate), ConsistentRead: true }));
    // Written by the consumer alone; its tests hold the shape.
    return Item as BlockedMarker | undefined;
  }

  /** Lets the messages of this run pass. False: the aggregate is not blocked, and needs no leave. */
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

  /** Opens the aggregate again, unless a message has been moved, given up or allowed by somebody else meanwhile. */
  async release(aggregate: string, run: string, upTo: string): Promise<boolean> {
    const { inbox: table, name: subscriber } = this.#place;
    return openGroup({ client: this.#client, table, subscriber }, aggregate, { redrive: run, upTo });
  }

  #at(aggregate: string) {
    return { TableName: this.#place.inbox, Key: { message: blockedKey(this.#place.name, aggregate) } };
  }
}
