export type Credentials =
  | { readonly kind: "none" }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "malformed" };

/** RFC 6750: one space or more, and the characters of base64 and base64url. */
const bearer = /^bearer +([\w.~+/-]+=*)$/i;

/**
 * Reads the token of an `Authorization` header. Another scheme than `Bearer` counts as no token: a proxy may have used it.
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function readBearerToken(header: string | undefined): Credentials {
  if (header === undefined || !/^bearer(?: |$)/i.test(header)) return { kind: "none" };
  const token = bearer.exec(header)?.[1];
  return token === undefined ? { kind: "malformed" } : { kind: "token", token };
}
