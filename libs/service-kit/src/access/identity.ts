import type { IncomingMessage } from "node:http";
import type { Reach } from "./access.ts";
import { noToken, notTheOwner } from "./access-problems.ts";

/** The caller of a request as the route's guard found it. */
export interface Identity {
  /** From the token; undefined for a guest, and where authentication is off. */
  readonly subject?: string;
  readonly reach: Reach;
  /** Whether a role of the token gives the reach, and not that of a guest. */
  readonly isByRole: boolean;
  /** The end of the token, in epoch milliseconds. */
  readonly expiresAt?: number;
}

/** Of a route that is public, or of an app without authentication: everybody may do everything. */
const unchecked: Identity = { reach: "all", isByRole: false };

const identities = new WeakMap<IncomingMessage, Identity>();

/** Returns the caller's identity. Where authentication is off, every caller has the reach `all`. */
export function identityOf(request: IncomingMessage): Identity {
  return identities.get(request) ?? unchecked;
}

export function setIdentity(request: IncomingMessage, identity: Identity): void {
  identities.set(request, identity);
}

/**
 * Lets the request pass if what it concerns is the caller's own: `owner` is the subject of its token, or there is no owner.
 * A thing without an owner, such as the order of a guest, belongs to all who know its id.
 *
 * @throws ProblemError 401 without a token, 403 with the token of another subject
 */
export function requireOwner(request: IncomingMessage, owner: string | undefined): void {
  const { reach, subject, isByRole } = identityOf(request);
  if (reach === "all" || owner === undefined) return;
  if (subject === undefined) throw noToken("This belongs to a customer.");
  if (!isByRole || subject !== owner) throw notTheOwner();
}

/** The subject whose things alone the caller may see in a list; undefined if it may see all. */
export function ownOnly(request: IncomingMessage): string | undefined {
  const { reach, subject } = identityOf(request);
  // A list without a token has reach "own" nowhere: the empty subject owns nothing.
  return reach === "all" ? undefined : (subject ?? "");
}
