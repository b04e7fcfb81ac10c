/** What a caller would like, if it can be had: RFC 7240. */
export interface Preferences {
  /** Whole seconds the caller is ready to wait for the answer. */
  readonly wait?: number;
  /** Rather an answer at once than the result: `202` and where to look. */
  readonly respondAsync: boolean;
}

/**
 * Reads a `Prefer` header. What is unknown or malformed is ignored and of two of a kind the first counts, as the RFC
 * has it. @see https://www.rfc-editor.org/rfc/rfc7240
 */
export function readPreferences(header: string | undefined): Preferences {
  const preferences = new Map<string, string>();
  for (const preference of (header ?? "").split(",")) {
    const [, name = "", quoted, plain = ""] =
      /^\s*([\w-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s;"]*)))?\s*(?:;|$)/.exec(preference) ?? [];
    if (!preferences.has(name.toLowerCase())) preferences.set(name.toLowerCase(), quoted ?? plain);
  }
  const wait = preferences.get("wait") ?? "";
  return { respondAsync: preferences.has("respond-async"), ...(/^\d{1,9}$/.test(wait) ? { wait: Number(wait) } : {}) };
}
