import { expect, test } from "vitest";
import { cursorText, placeIn, toCursor, unknownCursor } from "./cursor.ts";

test.each(["2026-01-31T~", "", '["lane","place","id"]', "☕"])(
  "a cursor carries %j, and is safe in a query",
  (place) => {
    const cursor = toCursor(place);
    expect(placeIn(cursor)).toBe(place);
    expect(encodeURIComponent(cursor)).toBe(cursor);
  },
);

test("a cursor of another form is refused, and so is one of another list, each with the remedy", () => {
  const refused = cursorText(/^[\w-]{4}$/).safeParse("a cursor");
  expect(refused.error?.issues).toMatchObject([{ message: "take it from the page before, or leave it out" }]);
  expect(unknownCursor()).toMatchObject({ status: 400, detail: expect.stringContaining("from the page before") });
});
