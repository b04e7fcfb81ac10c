import { faultKinds } from "../../src/testing/faults.ts";

/** Counts how often each kind of fault happened, over many scenarios. */
export class Coverage {
  readonly #counts = new Map<string, number>();

  add(counts: Iterable<readonly [string, number]>): void {
    for (const [kind, count] of counts) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count);
  }

  get entries(): readonly (readonly [string, number])[] {
    return faultKinds.map((kind) => [kind, this.#counts.get(kind) ?? 0]);
  }

  /** Kinds that never happened: the scenarios prove nothing about them. */
  get missing(): readonly string[] {
    return this.entries.filter(([, count]) => count === 0).map(([kind]) => kind);
  }

  toString(): string {
    const width = Math.max(...this.entries.map(([kind]) => kind.length));
    return this.entries
      .map(([kind, count]) => `${kind.padEnd(width)} ${count.toLocaleString("en").padStart(12)}`)
      .join("\n");
  }
}
