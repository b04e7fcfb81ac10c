/** The bar this process works for. */
export interface Bar {
  /** In the keys of its line, so that several bars can share a table. */
  readonly name: string;
  /** How long a claim holds a ticket. */
  readonly leaseSeconds: number;
  now(): Date;
}
