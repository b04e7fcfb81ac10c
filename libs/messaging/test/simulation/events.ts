import { defineEvent } from "../../src/events/event.ts";
import type { StandardSchema } from "../../src/events/standard-schema.ts";

interface Text {
  readonly text: string;
  /** Makes the data larger than a message. */
  readonly bulk?: string;
}

/** Accepts an object with text under that name. */
function schemaOf<Data>(name: keyof Data & string): StandardSchema<Data, Data> {
  return {
    "~standard": {
      version: 1,
      vendor: "scenarios",
      validate: (value) =>
        typeof (value as Partial<Data> | null)?.[name] === "string"
          ? { value: value as Data }
          : { issues: [{ message: `expected a ${name}` }] },
    },
  };
}

/** A text was appended to a note. All readers know this version, and upcast older data to it. */
export const Noted = defineEvent("Noted", {
  version: 2,
  schema: schemaOf<Text>("text"),
  upcast: (data) => ({ text: Object(data).words }),
});

/** The version of producers that have not been deployed for long. */
const OldNoted = defineEvent("Noted", { version: 1, schema: schemaOf<{ readonly words: string }>("words") });

/** The next version of a producer, with more data than readers need. */
const NewNoted = defineEvent("Noted", { version: 3, schema: schemaOf<Text & { readonly mood: string }>("text") });

/** Producers of all versions run at the same time. */
export const noted = {
  old: (text: string) => OldNoted({ words: text }),
  today: (text: string) => Noted({ text }),
  new: (text: string) => NewNoted({ text, mood: "\u{1f600}" }),
};

/** The text in data of any version. */
export function textOf(data: unknown): string {
  const { text, words } = Object(data) as { text?: string; words?: string };
  return text ?? words ?? "";
}

/** Larger than a message in bytes, but not in characters. */
export const bulk = "漢".repeat(90_000);

/** The pager appended a note to a page. */
export const Paged = defineEvent("Paged", { version: 1, schema: schemaOf<Text>("text") });
