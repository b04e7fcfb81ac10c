import { splitOutsideQuotes, unquoted } from "./quoted-strings.ts";

/** Preferences of a caller, which a service may follow or not (RFC 7240). */
export interface Preferences {
  /** Whole seconds the caller is ready to wait for the answer. */
  readonly wait?: number;
  /** The caller prefers a `202` with a `Location` to waiting for the result. */
  readonly respondAsync: boolean;
}

/** Common servers accept 8 KB in a header field. No sensible list of preferences comes near this. */
const maxHeaderCharacters = 4_096;

/**
 * Reads a `Prefer` header: a list of `name=value; parameter=value` items, whose values may be quoted strings. Unknown,
 * malformed and overlong input is ignored, and the first of two preferences of one name counts, as the RFC requires. The
 * time is proportional to the length of the header.
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

/** The value is empty if none is given, which means the same in the RFC, and undefined if it is malformed. */
function nameAndValue(preference: string): [name: string, value: string | undefined] {
  const equals = preference.indexOf("=");
  if (equals < 0) return [preference.trim().toLowerCase(), ""];
  return [preference.slice(0, equals).trim().toLowerCase(), unquoted(preference.slice(equals + 1).trim())];
}
