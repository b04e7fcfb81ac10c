import { defineEvent } from "../../src/events/event.ts";
import type { StandardSchema } from "../../src/events/standard-schema.ts";

interface Text {
  readonly text: string;
  /** Makes the data too large for a message. */
  readonly bulk?: string;
}

/** Anything with a text of that name. */
function schemaOf<Data>(name: keyof Data & string): StandardSchema<Data, Data> {
  return {
    "~standard": {
      version: 1,
      vendor: "histories",
      validate: (value) =>
        typeof (value as Partial<Data> | null)?.[name] === "string"
          ? { value: value as Data }
          : { issues: [{ message: `expected a ${name}` }] },
    },
  };
}

/** Something was written into a note: as all readers know it, and bring older data to. */
export const Noted = defineEvent("Noted", {
  version: 2,
  schema: schemaOf<Text>("text"),
  upcast: (data) => ({ text: Object(data).words }),
});

/** As producers write it that have not been deployed for long. */
const OldNoted = defineEvent("Noted", { version: 1, schema: schemaOf<{ readonly words: string }>("words") });

/** As the next version of a producer writes it, with more than readers ask for. */
const NewNoted = defineEvent("Noted", { version: 3, schema: schemaOf<Text & { readonly mood: string }>("text") });

/** Producers of all ages write side by side. */
export const noted = {
  old: (text: string) => OldNoted({ words: text }),
  today: (text: string) => Noted({ text }),
  new: (text: string) => NewNoted({ text, mood: "\u{1f600}" }),
};

/** What data of any of the versions says. */
export function textOf(data: unknown): string {
  const { text, words } = Object(data) as { text?: string; words?: string };
  return text ?? words ?? "";
}

/** More than a message takes, in bytes and not in characters. */
export const bulk = "漢".repeat(90_000);

/** A reader copied it onto a page. */
export const Paged = defineEvent("Paged", { version: 1, schema: schemaOf<Text>("text") });
