import type { RequestHandler } from "express";
import { type Access, reachOf, rolesOf } from "./access.ts";
import { invalidToken, keysUnavailable, malformedToken, missingRole, noToken } from "./access-problems.ts";
import { readBearerToken } from "./bearer-token.ts";
import { type Identity, setIdentity } from "./identity.ts";

/** Judges the tokens of an app. */
export interface Authentication {
  verify(token: string): Promise<TokenVerdict>;
}

export type TokenVerdict =
  | {
      readonly outcome: "verified";
      readonly subject: string;
      readonly roles: readonly string[];
      /** Epoch milliseconds. */
      readonly expiresAt: number;
    }
  /** The reason is a sentence for the caller, in ASCII, without quotes and without any part of the token. */
  | { readonly outcome: "refused"; readonly reason: string }
  | { readonly outcome: "keys-unavailable" };

/** The setting of the Express app that holds its `Authentication`. Without it, authentication is off. */
export const authenticationSetting = "authentication";

/**
 * Guards a route: its handler, and the parser of its body, run only for a caller that may call it.
 *
 * - no authentication in this app, or a public route: every caller passes, and no token is read
 * - no token: a guest passes where guests may; otherwise 401
 * - a token that does not count: 401, also where a guest would pass, because its sender takes itself for more
 * - a valid token: 403 if none of its roles may call the route
 */
export function guardOf(access: Access): RequestHandler {
  if (access === "public") return (_request, _response, next) => next();
  return (request, _response, next) => {
    const authentication: Authentication | undefined = request.app.get(authenticationSetting);
    if (authentication === undefined) return next();
    return identified(request.headers.authorization, access, authentication).then((identity) => {
      setIdentity(request, identity);
      next();
    });
  };
}

async function identified(
  header: string | undefined,
  access: Exclude<Access, "public">,
  authentication: Authentication,
): Promise<Identity> {
  const credentials = readBearerToken(header);
  if (credentials.kind === "malformed") throw malformedToken();
  if (credentials.kind === "none") {
    const reach = reachOf(access, []);
    if (reach === undefined) throw noToken(`This needs ${rolesOf(access).join(" or ")}.`);
    return { reach, missingRoles: rolesOf(access) };
  }
  const verdict = await authentication.verify(credentials.token);
  if (verdict.outcome === "keys-unavailable") throw keysUnavailable();
  if (verdict.outcome === "refused") throw invalidToken(verdict.reason);
  const { subject, roles, expiresAt } = verdict;
  const reach = reachOf(access, roles);
  if (reach === undefined) throw missingRole(rolesOf(access));
  const hasRole = rolesOf(access).some((role) => roles.includes(role));
  return { subject, reach, ...(hasRole ? {} : { missingRoles: rolesOf(access) }), expiresAt };
}
