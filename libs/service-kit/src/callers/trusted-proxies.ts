import { BlockList, isIPv6 } from "node:net";
import { parseAddress } from "./parse-address.ts";

/** The value of `TRUST_PROXY`: no proxy (false), the number of proxies in front, or their addresses and subnets. */
export type TrustProxy = boolean | number | readonly string[];

const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1/128"],
  linklocal: ["169.254.0.0/16", "fe80::/10"],
  uniquelocal: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

/**
 * Returns the value for Express's setting `trust proxy`. Express itself recognises a proxy by its plain address only: a
 * proxy reported as `10.0.0.1:443` would count as the client, and all clients behind it as one.
 */
export function trustedProxies(trust: TrustProxy): boolean | number | ((address: string) => boolean) {
  if (typeof trust === "boolean" || typeof trust === "number") return trust;
  const trusted = new BlockList();
  for (const subnet of trust.flatMap((entry) => named[entry] ?? [entry])) {
    const [address = "", bits] = subnet.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    trusted.addSubnet(address, Number(bits ?? (family === "ipv6" ? 128 : 32)), family);
  }
  return (address) => {
    const plain = parseAddress(address ?? "")?.address;
    return plain !== undefined && trusted.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
  };
}

/**
 * Returns a test of whether the peer of a connection is a trusted proxy. A number of proxies names none of them, so every
 * peer is one.
 */
export function trustedPeers(trust: TrustProxy): (address: string) => boolean {
  const trusted = trustedProxies(trust);
  return typeof trusted === "function" ? trusted : () => Boolean(trusted);
}
