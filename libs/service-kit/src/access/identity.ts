import type { IncomingMessage } from "node:http";
import type { Reach } from "./access.ts";
import { missingRole, noToken, notTheOwner } from "./access-problems.ts";

/** The caller of a request as the route's guard found it. */
export interface Identity {
  /** From the token; undefined for a guest, and where authentication is off. */
  readonly subject?: string;
  readonly reach: Reach;
  /** Set if the reach is a guest's: the roles that may call the route, of which the caller has none. */
  readonly missingRoles?: readonly string[];
  /** The end of the token, in epoch milliseconds. */
  readonly expiresAt?: number;
}

/** The identity of every caller on a public route, and in an app without authentication. */
const unchecked: Identity = { reach: "all" };

const identities = new WeakMap<IncomingMessage, Identity>();

/** Returns the caller's identity. On a public route, and where authentication is off, every caller has the reach `all`. */
export function identityOf(request: IncomingMessage): Identity {
  return identities.get(request) ?? unchecked;
}

export function setIdentity(request: IncomingMessage, identity: Identity): void {
  identities.set(request, identity);
}

/**
 * Lets the request pass if one of these holds:
 *
 * - the caller's reach is `all`
 * - `owner` is undefined: the order of a guest, for example, belongs to all who know its id
 * - a role of the token gives the reach, and the token's subject is `owner`
 *
 * @throws ProblemError 401 without a token; 403 with a token that has no role for this route, or another subject
 */
export function requireOwner(request: IncomingMessage, owner: string | undefined): void {
  const { reach, subject, missingRoles } = identityOf(request);
  if (reach === "all" || owner === undefined) return;
  if (subject === undefined) throw noToken("This belongs to a customer.");
  if (missingRoles !== undefined) throw missingRole(missingRoles);
  if (subject !== owner) throw notTheOwner();
}

/** The subject whose things alone the caller may see in a list; undefined if it may see all. */
export function ownOnly(request: IncomingMessage): string | undefined {
  const { reach, subject } = identityOf(request);
  // No list gives a guest the reach "own". If one did, the empty subject would match no owner.
  return reach === "all" ? undefined : (subject ?? "");
}
