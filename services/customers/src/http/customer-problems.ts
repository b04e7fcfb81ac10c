import { canonicalCustomerId, customerId } from "@doubleshot/contracts";
import { ProblemError, RequestSubject } from "@doubleshot/service-kit";
import { z } from "zod";

export const customerPath = (id: string): string => `/customers/${id}`;

/** A text that does not have the form of an id is not looked up. */
export const isCustomerId = (id: string): boolean => customerId.safeParse(id).success;

export const customerParams = z.object({
  id: z.string().overwrite(canonicalCustomerId).describe("As `POST /customers` gave it."),
});

/** For the document: members of each problem that concerns a customer. A person with curl does not see the headers. */
export const customerMembers = {
  customer_id: z.uuid().describe("The customer that the problem concerns, if it concerns one."),
  debt: z.int().describe("What the customer owes, if a payment is above it."),
};

/** The customer in the path of a request. */
export const customerSubject = new RequestSubject({
  id: z.uuid().overwrite(canonicalCustomerId),
  members: (id) => ({ customer_id: id }),
});

export const unknownCustomer = (): ProblemError =>
  new ProblemError(404, "There is no such customer. Check the id, as POST /customers gave it.");

export const keyTaken = (): ProblemError =>
  new ProblemError(
    422,
    "This Idempotency-Key stands for another request. Use a new key for a new request, or repeat the request unchanged.",
  );

/** The problems, for the document. */
export const customerProblems = { 404: "There is no such customer." };
export const keyProblems = { 422: "The `Idempotency-Key` stands for another request." };

export const keyDescription =
  "All requests under one key are one request, for 24 hours: up to 255 visible ASCII characters. The same key with another caller's token, or from another address without one, is another key. A random UUID (version 4 or 7) without a token is one key from all addresses: keep it secret.";
