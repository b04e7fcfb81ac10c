/** The bar that this process works for. */
export interface BarSettings {
  /** Part of the keys of its line, so that several bars can share a table. */
  readonly name: string;
  /** Lease of a claim that asks for no lease of its own, in seconds. */
  readonly leaseSeconds: number;
  now(): Date;
}
