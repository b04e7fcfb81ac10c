/** The bar that this process works for. */
export interface Bar {
  /** Part of the keys of its line, so that several bars can share a table. */
  readonly name: string;
  /** How long a claim holds a ticket. */
  readonly leaseSeconds: number;
  now(): Date;
}
