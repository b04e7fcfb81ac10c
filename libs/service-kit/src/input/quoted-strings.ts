/**
 * Splits a header at separators outside of quoted strings. A quoted string without its end reaches to the end of the text.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.4
 */
export function splitOutsideQuotes(text: string, separator: "," | ";"): string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isQuoted && character === "\\") at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** Removes the quotes and escapes of a header's value. Undefined if a quote is misplaced. */
export function unquoted(value: string): string | undefined {
  if (!value.startsWith('"')) return value.includes('"') ? undefined : value;
  let text = "";
  for (let at = 1; at < value.length; at++) {
    if (value[at] === '"') return at === value.length - 1 ? text : undefined;
    if (value[at] === "\\") at++;
    text += value[at] ?? "";
  }
  return undefined;
}
