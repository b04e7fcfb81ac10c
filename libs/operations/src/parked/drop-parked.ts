import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { releaseParked } from "@doubleshot/messaging/operations";
import { conditionHeld } from "@doubleshot/topology";
import type { Shop } from "../shop.ts";
import { isDropped, type ParkedAggregate, parkedAggregate } from "./parked-rows.ts";

export type DropOutcome = "dropped" | "dropped-and-released" | "not-found";

/**
 * Deletes the parked row of one version: its events will never be published. The rest stays parked and can be retried. If
 * nothing is left, the aggregate is released.
 */
export async function dropParked(shop: Shop, parked: ParkedAggregate, version: number): Promise<DropOutcome> {
  const { outbox, aggregate } = parked;
  const { documents } = shop.clients;
  const dropped = await conditionHeld(
    documents.send(
      new DeleteCommand({
        TableName: outbox.parkedTable,
        Key: { aggregate, version },
        ConditionExpression: "attribute_exists(#aggregate)",
        ExpressionAttributeNames: { "#aggregate": "aggregate" },
      }),
    ),
  );
  if (!dropped) return "not-found";
  const rest = await parkedAggregate(shop, aggregate);
  if (rest?.marker === undefined || rest.rows.length > 0) return "dropped";
  const { upTo } = rest.marker;
  // If the marker names the dropped row, nothing has been parked behind it meanwhile.
  if (!(await isDropped(documents, rest, upTo))) return "dropped";
  const parking = { client: documents, table: outbox.parkedTable };
  return (await releaseParked(parking, { ...rest.marker, aggregate })) ? "dropped-and-released" : "dropped";
}
