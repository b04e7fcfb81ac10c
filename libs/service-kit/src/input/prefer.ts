import { splitOutsideQuotes, unquoted } from "./quoted-strings.ts";

/** What a caller would like, if it can be had: RFC 7240. */
export interface Preferences {
  /** Whole seconds the caller is ready to wait for the answer. */
  readonly wait?: number;
  /** Rather an answer at once than the result: `202` and where to look. */
  readonly respondAsync: boolean;
}

/** A header field of a usual server holds 8 KB; no list of sensible preferences comes near this. */
const maxHeaderCharacters = 4_096;

/**
 * Reads a `Prefer` header: a list of `name=value; parameter=value` items, whose values may be quoted strings that hold
 * anything. Unknown, malformed and overlong input is ignored, and of two preferences of one name the first counts, as
 * the RFC has it. The time it takes grows with the length of the header alone.
 * @see https://www.rfc-editor.org/rfc/rfc7240#section-2
 */
export function readPreferences(header = ""): Preferences {
  const preferences = new Map<string, string>();
  if (header.length <= maxHeaderCharacters) {
    for (const item of splitOutsideQuotes(header, ",")) {
      const [preference = ""] = splitOutsideQuotes(item, ";");
      const [name, value] = nameAndValue(preference);
      if (value !== undefined && !preferences.has(name)) preferences.set(name, value);
    }
  }
  const wait = preferences.get("wait") ?? "";
  return { respondAsync: preferences.has("respond-async"), ...(/^\d{1,9}$/.test(wait) ? { wait: Number(wait) } : {}) };
}

/** The value is empty where none is given (the RFC makes no difference), and undefined where it is malformed. */
function nameAndValue(preference: string): [name: string, value: string | undefined] {
  const equals = preference.indexOf("=");
  if (equals < 0) return [preference.trim().toLowerCase(), ""];
  return [preference.slice(0, equals).trim().toLowerCase(), unquoted(preference.slice(equals + 1).trim())];
}
