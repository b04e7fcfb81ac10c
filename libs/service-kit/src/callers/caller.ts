import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";
import type { Request } from "express";
import ipaddr from "ipaddr.js";
import { type PlainAddress, parseAddress } from "./parse-address.ts";

/** The client behind a request, for limits and idempotency keys. */
export interface Caller {
  /**
   * Equal for all requests of one caller: an IPv4 address, the /64 around a global IPv6 address (RFC 6177: a client has at
   * least that), any other IPv6 address as a whole, or `unreadable:` and a hash. It is stored and holds no "#".
   */
  readonly id: string;
  /** False: the proxy in front reports no client's address, so all its clients have this one id. */
  readonly isNamed: boolean;
  /** The text that is no address, as the proxy reported it. Empty if the proxy reported none. */
  readonly unreadable?: string;
}

const callers = new WeakMap<IncomingMessage, Caller>();

/** Returns the caller of the request, by the address that Express found by its setting `trust proxy`. */
export function callerOf(request: Request): Caller {
  const known = callers.get(request);
  if (known !== undefined) return known;
  const caller = callerAt(isBehindProxies(request) ? "" : request.ip, request.socket.remoteAddress);
  callers.set(request, caller);
  return caller;
}

/**
 * Whether `request.ip` is the address of a trusted proxy, because `X-Forwarded-For` has too few entries. An entry from a
 * trusted network counts as a client: clients may share a network with their proxy.
 */
function isBehindProxies({ app, ips, socket }: Request): boolean {
  const trusted: unknown = app.get("trust proxy");
  if (typeof trusted === "number") return ips.length < trusted;
  if (ips.length > 0) return false;
  return typeof trusted === "function" ? Boolean(trusted(socket.remoteAddress)) : trusted === true;
}

/**
 * The caller at an address, behind the peer of the connection.
 *
 * A text that is not an address has an id that no other text, peer or address has. An attacker gains nothing by inventing
 * texts: the text comes from a trusted proxy, and a proxy that forwards invented texts forwards invented addresses, too. A
 * proxy that reports `unknown`, or nothing, does not distinguish its clients: they share one id, which is good enough for
 * limits and not for idempotency keys.
 * @see https://www.rfc-editor.org/rfc/rfc7239#section-6 for `unknown` and for obfuscated identifiers, one for each client
 */
export function callerAt(address = "", peer = ""): Caller {
  const plain = parseAddress(address);
  if (plain !== undefined) return { id: clientOf(plain), isNamed: true };
  const hash = createHash("sha256").update(`${peer}\n${address}`).digest("base64url").slice(0, 22);
  return { id: `unreadable:${hash}`, isNamed: !namesNoClient(address), unreadable: address };
}

/** A single expression with a quantifier on both sides of the word would take quadratic time. */
function namesNoClient(address: string): boolean {
  const bare = address.replaceAll(/[\s"]/g, "").toLowerCase();
  return bare === "" || bare === "unknown";
}

/**
 * Outside the global networks, one /64 holds many clients: all neighbours on a link, all clients of a local NAT64
 * (RFC 8215), all clients of a Teredo server (RFC 4380). A link-local address is unique within its zone only.
 */
function clientOf({ address, zone }: PlainAddress): string {
  if (!isIPv6(address)) return address;
  const { parts } = ipaddr.IPv6.parse(address);
  const [first = 0, second = 0] = parts;
  const isTeredo = first === 0x2001 && second === 0;
  if (first >> 13 === 0b001 && !isTeredo) {
    const groups = parts.slice(0, 4).map((group) => group.toString(16));
    return `${groups.join(":")}::/64`;
  }
  const isLinkLocal = first >> 6 === 0xfe80 >> 6;
  return isLinkLocal && zone !== undefined ? `${address}%${zone}` : address;
}
