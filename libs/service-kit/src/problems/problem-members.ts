import type { Response } from "express";

type Members = Readonly<Record<string, unknown>>;

const membersOf = new WeakMap<Response, Members>();

/**
 * Adds members to every problem that may still answer this request. Call it as soon as the request's subject is known:
 * the refusal of a body, the 503 of an outage and the 500 of a bug are made where nothing is known of the subject.
 */
export function addProblemMembers(response: Response, members: Members): void {
  membersOf.set(response, { ...membersOf.get(response), ...members });
}

export function problemMembersOf(response: Response): Members {
  return membersOf.get(response) ?? {};
}
