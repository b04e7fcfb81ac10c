import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";
import type { Request } from "express";
import ipaddr from "ipaddr.js";
import { plainAddress } from "./plain-address.ts";

/** The client behind a request, as far as limits and idempotency keys go. */
export interface Caller {
  /**
   * Equal for all requests of one caller: an IPv4 address, the /64 around an IPv6 address (RFC 6177: a client has at least
   * that), or `unreadable:` and a hash. It is stored and holds no "#".
   */
  readonly id: string;
  /** False: the proxy in front named no address at all, so all its clients have this one id. */
  readonly named: boolean;
  /** The text that is no address, as the proxy reported it. */
  readonly unreadable?: string;
}

const callers = new WeakMap<IncomingMessage, Caller>();

/** The caller of the request, by the address that Express found under the rules of `trust proxy`. */
export function callerOf(request: Request): Caller {
  const known = callers.get(request);
  if (known !== undefined) return known;
  const caller = callerAt(request.ip, request.socket.remoteAddress);
  callers.set(request, caller);
  return caller;
}

/**
 * The caller at an address, behind the peer of the connection.
 *
 * A text that is no address shares its id with no other text, no other peer and no address. An attacker gains nothing by
 * inventing texts: the text comes from a trusted proxy, and a proxy that passes on whatever it is given passes on invented
 * addresses as well. A proxy that says `unknown`, or nothing, tells its clients apart by nothing: they have one id, which
 * is good enough for limits and no good for keys.
 * @see https://www.rfc-editor.org/rfc/rfc7239#section-6 for `unknown` and for obfuscated identifiers, one for each client
 */
export function callerAt(address = "", peer = ""): Caller {
  const plain = plainAddress(address);
  if (plain !== undefined) return { id: isIPv6(plain) ? network64(plain) : plain, named: true };
  const hash = createHash("sha256").update(`${peer}\n${address}`).digest("base64url").slice(0, 22);
  return { id: `unreadable:${hash}`, named: !namesNobody(address), unreadable: address };
}

/** One expression with a quantifier on both sides of the word would take time with the square of the text's length. */
function namesNobody(address: string): boolean {
  const bare = address.replaceAll(/[\s"]/g, "").toLowerCase();
  return bare === "" || bare === "unknown";
}

function network64(address: string): string {
  const groups = ipaddr.IPv6.parse(address).parts.slice(0, 4);
  return `${groups.map((group) => group.toString(16)).join(":")}::/64`;
}
