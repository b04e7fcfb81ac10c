import { Api } from "@doubleshot/service-kit";
import { z } from "zod";
import { maxCounted, type QueuePositions } from "../board/queue-positions.ts";
import { orderIdInput, orderSubject } from "./order-problem-members.ts";

const getPlace = {
  id: "getPlace",
  method: "get",
  path: "/tickets/{order_id}/place",
  summary: "An order's place in the line",
  access: "public",
  description:
    "For the customer that waits: the id of the order is all that it takes, and the answer shows nothing of other orders. " +
    "The line is up to two seconds old.",
  params: z.object({ order_id: orderIdInput }),
  answers: {
    200: {
      description: "The place, as of now.",
      schema: z
        .object({
          order_id: z.uuid(),
          status: z.enum(["QUEUED", "STARTED", "FINISHED", "VOIDED"]),
          ahead: z
            .int()
            .exactOptional()
            .describe(`Orders that are started before this one, at most ${maxCounted}. Only while it is \`QUEUED\`.`),
          estimate_seconds: z
            .int()
            .exactOptional()
            .describe(
              "Until it is ready, from the brews of the last half hour. Absent if there were fewer than three, or if nobody " +
                "holds an order and none was finished in the last ten minutes.",
            ),
        })
        .meta({ id: "LinePlace" }),
    },
    // No problem: every customer asks before the order has arrived.
    204: { description: "The order has not arrived at the bar yet, or does not exist." },
  },
} as const;

export function queuePositionApi(positions: QueuePositions): Api {
  const api = new Api("board");
  orderSubject.setFromPath(api.router, "order_id");
  api.handle(getPlace, async ({ params: { order_id: orderId } }, response) => {
    const position = await positions.positionOf(orderId);
    response.set("Cache-Control", "no-store");
    if (position === undefined) {
      response.status(204).end();
      return;
    }
    const { status, ahead, estimateSeconds } = position;
    response.json({
      order_id: orderId,
      status,
      ...(ahead !== undefined && { ahead }),
      ...(estimateSeconds !== undefined && { estimate_seconds: estimateSeconds }),
    });
  });
  return api;
}
