import pc from "picocolors";

/** More would scroll away what is said around it. */
const mostCharacters = 4_000;

/** A message as a person reads it, its beginning if it is long; as it is, if it is no JSON. */
export function messageText(json: string): string {
  const text = indented(json);
  const rest = text.length - mostCharacters;
  const shown = rest > 0 ? `${text.slice(0, mostCharacters)}\n(${rest} characters more: --json shows them)` : text;
  return pc.dim(shown.replace(/^/gm, "  "));
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2);
  } catch {
    return json;
  }
}
