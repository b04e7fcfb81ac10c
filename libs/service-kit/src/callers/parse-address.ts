import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** No notation of an address is longer. Proxies forward texts of up to 16 KB. */
const maxLength = 200;

const portOf = /^:(\d{1,5}|_[\w.-]+)$/;

/** Names and numbers of network interfaces. */
const zoneName = /^[\w.-]+$/;

export interface PlainAddress {
  /** In its one canonical notation. */
  readonly address: string;
  /** The interface that a link-local address belongs to, as it was written. */
  readonly zone?: string;
}

/**
 * Reads an address that a proxy may write in many ways: with a port, in brackets, in quotes, as `for=...` of RFC 7239, with
 * the zone of a link, in upper case, with groups of leading zeros. IPv4 inside IPv6 is the IPv4 address: mapped
 * (`::ffff:0:0/96`), translated (`::ffff:0:0:0/96`) and NAT64 (`64:ff9b::/96`).
 *
 * Undefined when the text names no address. `010.0.0.1` names none: some programs read it as `8.0.0.1`.
 * @see https://www.rfc-editor.org/rfc/rfc7239 and https://www.rfc-editor.org/rfc/rfc6052
 */
export function parseAddress(notation: string): PlainAddress | undefined {
  if (notation.length > maxLength) return undefined;
  const [bare = "", zone, ...rest] = withoutPort(unwrapped(notation)).split("%");
  // Node's check is the strict one: `ipaddr.js` also reads `1.2` and octal digits.
  if (isIP(bare) === 0 || rest.length > 0 || (zone !== undefined && !zoneName.test(zone))) return undefined;
  const parsed = ipaddr.parse(bare);
  const within = parsed instanceof ipaddr.IPv6 ? ipv4Within(parsed.parts) : undefined;
  return { address: within ?? parsed.toString(), ...(zone === undefined ? {} : { zone }) };
}

/** Removes spaces, quotes, and the other parts of a `Forwarded` element (RFC 7239). */
function unwrapped(notation: string): string {
  const [first = ""] = notation.split(";", 1);
  const value = first.trim();
  return (/^for=/i.test(value) ? value.slice(4) : value).replaceAll('"', "").trim();
}

function withoutPort(text: string): string {
  const end = text.startsWith("[") ? text.indexOf("]") + 1 : text.indexOf(":");
  const [host, rest] = end > 0 ? [text.slice(0, end), text.slice(end)] : [text, ""];
  const inBrackets = host.endsWith("]");
  if (rest !== "" && !portOf.test(rest)) return inBrackets ? "" : text;
  return inBrackets ? host.slice(1, -1) : host;
}

/** Prefixes of 96 bits that an IPv4 address of 32 bits follows. */
const ipv4Prefixes = ["0,0,0,0,0,65535", "0,0,0,0,65535,0", "100,65435,0,0,0,0"];

function ipv4Within(parts: readonly number[]): string | undefined {
  if (!ipv4Prefixes.includes(parts.slice(0, 6).join())) return undefined;
  const [high = 0, low = 0] = parts.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
