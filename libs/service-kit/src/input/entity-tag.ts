import { createHash } from "node:crypto";

/** The tag of a representation: equal for equal JSON text, and different for different text. For `ETag` and event ids. */
export function entityTag(json: unknown): string {
  return createHash("sha256").update(JSON.stringify(json)).digest("base64url").slice(0, 22);
}

/**
 * Whether an `If-None-Match` header lists the tag, or any tag.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
 */
export function matchesEntityTag(tag: string, ifNoneMatch: string | undefined): boolean {
  const listed = (ifNoneMatch ?? "").split(",").map((each) => each.trim());
  return listed.some((each) => each === "*" || each.replace(/^W\//, "") === `"${tag}"`);
}
