import type { Response } from "express";

type Members = Readonly<Record<string, unknown>>;

const membersOf = new WeakMap<Response, Members>();

/**
 * Adds members to every problem that may still answer this request. Call it as soon as the request's subject is known: the
 * code that refuses a body, or answers an outage or a bug, does not know the subject.
 */
export function addProblemMembers(response: Response, members: Members): void {
  membersOf.set(response, { ...membersOf.get(response), ...members });
}

export function problemMembersOf(response: Response): Members {
  return membersOf.get(response) ?? {};
}
