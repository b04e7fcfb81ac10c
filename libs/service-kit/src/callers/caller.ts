import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";
import type { Request } from "express";
import ipaddr from "ipaddr.js";
import { plainAddress } from "./plain-address.ts";

/** The client behind a request, for limits and idempotency keys. */
export interface Caller {
  /**
   * Equal for all requests of one caller: an IPv4 address, the /64 around an IPv6 address (RFC 6177: a client has at least
   * that), or `unreadable:` and a hash. It is stored, and contains no "#".
   */
  readonly id: string;
  /** False if the proxy in front reported no address at all, so that all its clients share this id. */
  readonly named: boolean;
  /** The text that the proxy reported, if it is not an address. */
  readonly unreadable?: string;
}

const callers = new WeakMap<IncomingMessage, Caller>();

/** Returns the caller of the request, by the address that Express found by its setting `trust proxy`. */
export function callerOf(request: Request): Caller {
  const known = callers.get(request);
  if (known !== undefined) return known;
  const caller = callerAt(request.ip, request.socket.remoteAddress);
  callers.set(request, caller);
  return caller;
}

/**
 * Returns the caller at an address, behind the peer of the connection.
 *
 * A text that is not an address has an id that no other text, peer or address has. An attacker gains nothing by inventing
 * texts: the text comes from a trusted proxy, and a proxy that forwards invented texts forwards invented addresses, too. A
 * proxy that reports `unknown`, or nothing, does not distinguish its clients: they share one id, which is good enough for
 * limits and not for idempotency keys.
 * @see https://www.rfc-editor.org/rfc/rfc7239#section-6 for `unknown` and for obfuscated identifiers, one for each client
 */
export function callerAt(address = "", peer = ""): Caller {
  const plain = plainAddress(address);
  if (plain !== undefined) return { id: isIPv6(plain) ? network64(plain) : plain, named: true };
  const hash = createHash("sha256").update(`${peer}\n${address}`).digest("base64url").slice(0, 22);
  return { id: `unreadable:${hash}`, named: !namesNoClient(address), unreadable: address };
}

/** A single expression with a quantifier on both sides of the word would take quadratic time. */
function namesNoClient(address: string): boolean {
  const bare = address.replaceAll(/[\s"]/g, "").toLowerCase();
  return bare === "" || bare === "unknown";
}

function network64(address: string): string {
  const groups = ipaddr.IPv6.parse(address).parts.slice(0, 4);
  return `${groups.map((group) => group.toString(16)).join(":")}::/64`;
}
