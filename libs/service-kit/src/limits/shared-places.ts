/** A place for one long-lived request: a wait, a poll, a stream. */
export interface Place {
  /** Gives the place back. Harmless if it was given back or taken away before. */
  leave(): void;
  /** Makes a reserved place an ordinary one, which can be taken away. */
  release(): void;
}

export interface PlaceRequest {
  /** The caller's id, from `callerOf`. */
  readonly caller: string;
  /** Whether the place is never taken away for other callers. Default false. */
  readonly isReserved?: boolean;
  /** Called once when the place is taken away. It must end the request's wait, and must not throw. */
  readonly onTaken: () => void;
}

interface Holder {
  readonly caller: string;
  readonly onTaken: () => void;
  isReserved: boolean;
}

/**
 * A bounded number of places, shared fairly among callers.
 *
 * While places are free, every caller gets one. A fixed bound for each caller would leave most places empty where
 * `TRUST_PROXY` is off, because then all clients behind a balancer are one caller. When all places are taken:
 * - a caller with at least two places fewer than the caller with the most takes the oldest place of that caller. With
 *   this distance, two callers never take a place from each other in turn
 * - a reserved request takes the oldest place of the caller with the most
 * - any other request gets no place
 *
 * Reserved places are never taken away, and do not count when callers are compared. Bound their number elsewhere.
 */
export class SharedPlaces {
  readonly #max: number;
  /** The places of each caller that can be taken away, the oldest first. */
  readonly #holders = new Map<string, Set<Holder>>();
  /** Callers by their number of such places, so that the caller with the most is found without a search. */
  readonly #callersBySize: Set<string>[] = [];
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Number of places that are taken. */
  get size(): number {
    return this.#taken;
  }

  /** Undefined if there is no place for this caller. */
  enter({ caller, isReserved = false, onTaken }: PlaceRequest): Place | undefined {
    if (this.#taken >= this.#max && !this.#makeRoom(caller, isReserved)) return undefined;
    const holder: Holder = { caller, onTaken, isReserved };
    this.#taken += 1;
    if (!isReserved) this.#add(holder);
    let isHeld = true;
    return {
      leave: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#remove(holder);
      },
      release: () => {
        if (!isHeld || !holder.isReserved) return;
        holder.isReserved = false;
        this.#add(holder);
      },
    };
  }

  #makeRoom(caller: string, isReserved: boolean): boolean {
    const maxSize = this.#callersBySize.length - 1;
    const [biggest = ""] = this.#callersBySize.at(-1) ?? [];
    const [oldest] = this.#holders.get(biggest) ?? [];
    const ownSize = this.#holders.get(caller)?.size ?? 0;
    if (oldest === undefined || (!isReserved && maxSize < ownSize + 2)) return false;
    this.#remove(oldest);
    oldest.onTaken();
    return true;
  }

  #add(holder: Holder): void {
    const places = this.#holders.get(holder.caller) ?? new Set();
    places.add(holder);
    this.#holders.set(holder.caller, places);
    this.#move(holder.caller, places.size - 1, places.size);
  }

  #remove(holder: Holder): void {
    if (holder.isReserved) {
      this.#taken -= 1;
      return;
    }
    const places = this.#holders.get(holder.caller);
    if (!places?.delete(holder)) return;
    this.#taken -= 1;
    if (places.size === 0) this.#holders.delete(holder.caller);
    this.#move(holder.caller, places.size + 1, places.size);
  }

  /** A size changes by one at a time, so the end of the list is empty at most within this call. */
  #move(caller: string, from: number, to: number): void {
    this.#callersBySize[from]?.delete(caller);
    if (to > 0) {
      this.#callersBySize[to] ??= new Set();
      this.#callersBySize[to].add(caller);
    }
    while (this.#callersBySize.length > 0 && !this.#callersBySize.at(-1)?.size) this.#callersBySize.pop();
  }
}
