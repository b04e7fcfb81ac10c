import pc from "picocolors";

/** A longer message would scroll the lines around it away. */
const maxCharacters = 4_000;

/** A message with indentation, cut off if it is long. A message that is no JSON stays as it is. */
export function messageText(json: string): string {
  const text = indented(json);
  const rest = text.length - maxCharacters;
  const shown = rest > 0 ? `${text.slice(0, maxCharacters)}\n(${rest} characters more: --json shows them)` : text;
  return pc.dim(shown.replace(/^/gm, "  "));
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2);
  } catch {
    return json;
  }
}
