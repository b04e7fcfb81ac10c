import { defineEvent } from "../event.ts";
import type { StandardSchema } from "../standard-schema.ts";

interface Text {
  readonly text: string;
  /** Makes the data too large for a message. */
  readonly bulk?: string;
}

const textSchema: StandardSchema<Text, Text> = {
  "~standard": {
    version: 1,
    vendor: "histories",
    validate: (value) =>
      typeof (value as Partial<Text> | null)?.text === "string"
        ? { value: value as Text }
        : { issues: [{ message: "expected a text" }] },
  },
};

/** Something was written into a note. */
export const Noted = defineEvent("Noted", { version: 1, schema: textSchema });

/** More than a message takes. */
export const bulk = "x".repeat(260_000);

/** A reader copied it onto a page. */
export const Paged = defineEvent("Paged", { version: 1, schema: textSchema });
