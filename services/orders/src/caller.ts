import { isIP, isIPv6 } from "node:net";

/**
 * Who an address stands for, as far as limits and keys go. One who has an IPv6 address has at least the /64 around it
 * (RFC 6177), so all of that counts as one caller; an IPv4 address written as IPv6 is the IPv4 address. What is none, and
 * a proxy that is trusted may pass on whatever it was told, is one caller too: it is remembered, and the key of an index.
 */
export function callerAt(address: string): string {
  const [plain = ""] = address.split("%", 1); // without the zone of a link-local address
  if (isIP(plain) === 0) return "unknown";
  if (!isIPv6(plain)) return plain;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  // URL has the one canonical way to write it: lower case, no leading zeros, the longest run of zeros as "::".
  const canonical = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return `${[...left, ...zeros, ...right].slice(0, 4).join(":")}::/64`;
}

const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
