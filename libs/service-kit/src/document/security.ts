import { type Access, engineer, guest, rolesOf } from "../access/index.ts";

export const securitySchemes = {
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "An access token. Where a service runs without authentication, on a loopback address, none is needed.",
  },
} as const;

/**
 * The roles of which a token needs one; the empty alternative is a request without a token. `x-access` has the reach of each
 * role, for which OpenAPI has no place.
 */
export function securityOf(access: Access): Record<string, unknown> {
  if (access === "public") return {};
  const token = { bearer: rolesOf(access) };
  return {
    security: access[guest] === undefined ? [token] : [{}, token],
    "x-access": { ...access, [engineer]: "all" },
  };
}

/** The problems of a caller that may not call the operation, by status. */
export function accessProblems(access: Access): Record<number, string> {
  if (access === "public") return {};
  return {
    401: "The token is missing or not valid.",
    403: `The token has none of the roles that may do this: ${rolesOf(access).join(", ")}.`,
  };
}
