import { canonicalOrderId } from "@doubleshot/contracts";
import { RequestSubject } from "@doubleshot/service-kit";
import { z } from "zod";

/** An order's id in upper or lower case, because a person may have typed it or an app changed it. */
export const orderIdInput = z.uuid("it must be the id of one order, as the claim gave it").overwrite(canonicalOrderId);

/** For the document: the member of each problem that concerns an order. The bar has no URL for one order. */
export const orderMembers = {
  order_id: z.uuid().describe("The order that the problem concerns, if it concerns one."),
};

/** The order that a request concerns: the one that it names, or the one that its token has claimed. */
export const orderSubject = new RequestSubject({ id: orderIdInput, members: (id) => ({ order_id: id }) });
