import { ProblemError } from "../problems/index.ts";

const advice = "Send a valid token in the header Authorization: Bearer";

/** The realm is the same in all services: one token serves them all. */
function challenge(parameters: Readonly<Record<string, string>> = {}): Record<string, string> {
  const all = Object.entries({ realm: "shop", ...parameters });
  return { "WWW-Authenticate": `Bearer ${all.map(([name, value]) => `${name}="${value}"`).join(", ")}` };
}

/**
 * A request without a token gets a challenge without an error code.
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 */
export function noToken(why: string): ProblemError {
  return new ProblemError(401, `${why} ${advice}.`, { headers: challenge() });
}

export function malformedToken(): ProblemError {
  const headers = challenge({ error: "invalid_request", error_description: "The Authorization header is malformed." });
  return new ProblemError(400, `The Authorization header is malformed. ${advice}, with one space and one token.`, {
    headers,
  });
}

/** @param reason a sentence in ASCII, without quotes and without any part of the token */
export function invalidToken(reason: string): ProblemError {
  const headers = challenge({ error: "invalid_token", error_description: reason });
  return new ProblemError(401, `${reason} ${advice}.`, { headers });
}

/** @param roles the roles of which the caller needs one */
export function missingRole(roles: readonly string[]): ProblemError {
  const headers = challenge({ error: "insufficient_scope", scope: roles.join(" ") });
  const needed = roles.length === 1 ? `the role ${roles[0]}` : `one of the roles ${roles.join(", ")}`;
  return new ProblemError(403, `This needs ${needed}. Send a token that has it.`, { headers });
}

export function notTheOwner(): ProblemError {
  const headers = challenge({ error: "insufficient_scope", scope: "engineer" });
  return new ProblemError(
    403,
    "This belongs to another customer. Only that customer, or the role engineer, may do this.",
    {
      headers,
    },
  );
}

export function keysUnavailable(): ProblemError {
  const detail =
    "The keys that tokens are verified with are not available yet. Send the request again in a few seconds.";
  return new ProblemError(503, detail, { headers: { "Retry-After": "2" } });
}
