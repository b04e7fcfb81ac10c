import { z } from "zod";
import { ProblemError } from "../problems/index.ts";

/**
 * The schema of a cursor: the place where the next page of a list begins, as base64url that callers send back unchanged.
 * `pattern` is what generated clients learn of it.
 */
export function cursorText(pattern: RegExp): z.ZodString {
  return z.string().regex(pattern, "take it from the page before, or leave it out");
}

export function toCursor(place: string): string {
  return Buffer.from(place).toString("base64url");
}

/** Returns the place as it was given to `toCursor`; for other cursors, any text. */
export function placeIn(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString();
}

/** The problem of a cursor that this list did not make. */
export function unknownCursor(): ProblemError {
  return new ProblemError(400, "The cursor is not one of this list. Take it from the page before, or leave it out.");
}
