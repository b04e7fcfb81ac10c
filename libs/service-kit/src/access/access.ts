/** `own`: only things that belong to the caller; the handler checks that with `requireOwner`, or lists no others. */
export type Reach = "all" | "own";

/**
 * The callers of a route: `public`, for which no token is read, or the reach of each role. The role `guest` is a caller without
 * a token; each caller may do at least as much. The role `engineer` may call every route and is never listed.
 *
 * ```ts
 * access: { guest: "own", customer: "own" } // what its unguessable id names; an account's things for their customer alone
 * ```
 */
export type Access = "public" | { readonly [role: string]: Reach };

export const guest = "guest";
/** The role of those who run the shop. */
export const engineer = "engineer";

/** The widest reach of these roles at a route; undefined if none of them may call it. */
export function reachOf(access: Access, roles: readonly string[]): Reach | undefined {
  if (access === "public" || roles.includes(engineer)) return "all";
  const reaches = [guest, ...roles].map((role) => (Object.hasOwn(access, role) ? access[role] : undefined));
  return reaches.includes("all") ? "all" : reaches.find((reach) => reach !== undefined);
}

/** The roles that a token may have to call the route. */
export function rolesOf(access: Exclude<Access, "public">): string[] {
  return [...Object.keys(access).filter((role) => role !== guest), engineer];
}
