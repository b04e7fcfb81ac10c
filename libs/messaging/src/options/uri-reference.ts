/** Characters of a path's segment: those that need no encoding, and encoded ones. */
const pchar = String.raw`(?:[\w.~!$&'()*+,;=:@-]|%[\da-f]{2})`;
const withoutColon = String.raw`(?:[\w.~!$&'()*+,;=@-]|%[\da-f]{2})`;

const scheme = String.raw`[a-z][a-z\d+.-]*:`;
const authority = String.raw`\/\/(?:(?:[\w.~!$&'()*+,;=:-]|%[\da-f]{2})*@)?(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*(?::\d*)?`;
const segments = String.raw`(?:\/${pchar}*)*`;
const rooted = String.raw`\/(?:${pchar}+${segments})?`;
const tail = String.raw`(?:\?(?:${pchar}|[/?])*)?(?:#(?:${pchar}|[/?])*)?`;

const absolute = `${scheme}(?:${authority}${segments}|${rooted}|${pchar}+${segments})`;
const relative = `(?:${authority}${segments}|${rooted}|${withoutColon}+${segments})?`;

const uriReference = new RegExp(`^(?:${absolute}|${relative})${tail}$`, "i");
const withScheme = new RegExp(`^${scheme}`, "i");

/**
 * Whether the text is a non-empty URI reference. IP addresses in brackets are not accepted, because readers disagree about
 * them. The caller bounds the length of the text.
 * @see https://datatracker.ietf.org/doc/html/rfc3986#appendix-A
 */
export function isUriReference(text: string): boolean {
  return text !== "" && uriReference.test(text);
}

/** Whether a URI reference begins with a scheme, which makes it a URI. */
export function isAbsolute(uriReference: string): boolean {
  return withScheme.test(uriReference);
}
