import { Waiters } from "./waiters.ts";

export interface Parcel {
  readonly id: string;
  readonly version: number;
  readonly isDelivered: boolean;
}

export const underWay = (id: string, version = 1): Parcel => ({ id, version, isDelivered: false });
export const delivered = (id: string, version = 2): Parcel => ({ id, version, isDelivered: true });

/** A table whose records a test lays out, and which can fail. */
export class ParcelTable {
  readonly reads: (readonly string[])[] = [];
  /** Undefined: each read succeeds. */
  failure: Error | undefined;
  readonly #parcels = new Map<string, Parcel>();

  put(...parcels: Parcel[]): void {
    for (const parcel of parcels) this.#parcels.set(parcel.id, parcel);
  }

  async read(ids: readonly string[]): Promise<readonly Parcel[]> {
    this.reads.push(ids);
    if (this.failure) throw this.failure;
    return ids.flatMap((id) => this.#parcels.get(id) ?? []);
  }
}

interface WaitersSetting {
  readonly sweeps?: boolean;
  readonly instanceId?: () => string;
  readonly onAnswered?: (seconds: number) => void;
}

export const waitersFor = (table: Pick<ParcelTable, "read">, { sweeps = false, ...rest }: WaitersSetting = {}) =>
  new Waiters<Parcel>({
    read: (ids) => table.read(ids),
    isFinal: ({ isDelivered }) => isDelivered,
    log: { debug() {}, info() {}, warn() {} },
    sweeps,
    ...rest,
  });
