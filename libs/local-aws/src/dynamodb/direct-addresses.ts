/**
 * Ports to which no browser connects: those of the Fetch standard that need no privileges.
 * dynoxide listens on one of them, because it would answer any page.
 *
 * @see https://fetch.spec.whatwg.org/#port-blocking
 */
export const portsClosedToBrowsers = [
  6697, 6669, 6668, 6667, 6666, 6665, 6679, 6566, 5061, 5060, 4190, 10080, 6000, 3659, 4045, 1723, 1720, 1719, 2049,
] as const;

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Whether a shop has an address of its own, so that services can rely on it over restarts. */
export const hasOwnAddress = process.platform === "linux";

/**
 * Where dynoxide may listen for the shop whose front has this port. On Linux the whole of 127.0.0.0/8 is this machine's:
 * an address made of the port is the shop's alone, and the same after every restart, so services need not go through the
 * front. Elsewhere there is 127.0.0.1 only, and the first port that is free.
 */
export function directAddresses(frontPort: number): Address[] {
  const host = hasOwnAddress ? `127.77.${frontPort >> 8}.${frontPort & 0xff}` : "127.0.0.1";
  return portsClosedToBrowsers.map((port) => ({ host, port }));
}
