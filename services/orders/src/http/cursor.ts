import { Problem } from "@doubleshot/service-kit";

/** A place in the list, as callers carry it from page to page. What is in it is none of their business. */
export const toCursor = (place: string): string => Buffer.from(place).toString("base64url");

/** @throws Problem 400 when we never gave it out. */
export function readCursor(cursor: string): string {
  const place = Buffer.from(cursor, "base64url").toString();
  const [day = ""] = /^\d{4}-\d\d-\d\d(?=T(~|\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f-]{36})$)/.exec(place) ?? [];
  if (Number.isNaN(Date.parse(day))) {
    throw new Problem(400, "The cursor is none of ours. Take it from the page before, or leave it out to begin anew.");
  }
  return place;
}
