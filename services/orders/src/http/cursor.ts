import { Problem } from "@doubleshot/service-kit";
import { z } from "zod";

/** A place in the list, as callers carry it from page to page: base64url of `2026-01-31T~` or of an order's place. */
export const cursorText = z
  .string()
  .regex(/^(?:[\w-]{16}|[\w-]{82})$/, "take it from the page before, or leave it out");

export const toCursor = (place: string): string => Buffer.from(place).toString("base64url");

/** @throws Problem 400 when the service never gave it out. */
export function readCursor(cursor: string): string {
  const place = Buffer.from(cursor, "base64url").toString();
  const [day = ""] = /^\d{4}-\d\d-\d\d(?=T(~|\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f-]{36})$)/.exec(place) ?? [];
  if (Number.isNaN(Date.parse(day))) {
    throw new Problem(400, "The cursor is not one of this list's. Take it from the page before, or leave it out.");
  }
  return place;
}
