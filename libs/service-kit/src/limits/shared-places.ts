/** A place for one long-lived request: a wait, a poll, a stream. */
export interface Place {
  /** Gives the place back. Harmless when it was given back, or taken away. */
  leave(): void;
  /** From now on the place can be taken away as any other. */
  release(): void;
}

export interface PlaceRequest {
  /** The caller's id, as `callerOf` has it. */
  readonly caller: string;
  /** The place is never taken away for others: its caller has a right to it of their own. Default false. */
  readonly reserved?: boolean;
  /** Called once when the place is taken away. It must end what the request waits for, and must not throw. */
  readonly onTaken: () => void;
}

interface Holder {
  readonly caller: string;
  readonly onTaken: () => void;
  reserved: boolean;
}

/**
 * A bounded number of places, shared fairly among callers.
 *
 * While there are free places, every caller gets one: many callers behind one balancer look like one caller where
 * `TRUST_PROXY` is off, and a fixed bound for each would keep most of the places empty then. When all are taken:
 * - a caller with fewer places than the one with the most, by two at least, takes that one's oldest place: so nobody gets
 *   more by it than the other keeps, and two callers never take a place from each other in turn
 * - a reserved request takes the oldest place of the caller with the most
 * - any other request gets none; the caller with the most is one of these
 *
 * Reserved places are never taken away, and do not count when callers are compared. So bound them elsewhere.
 */
export class SharedPlaces {
  readonly #max: number;
  /** What each caller holds and may lose, the oldest first. */
  readonly #holders = new Map<string, Set<Holder>>();
  /** The callers that hold so many places: the one with the most is found without walking over all. */
  readonly #callersBySize: Set<string>[] = [];
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** The places that are taken. */
  get size(): number {
    return this.#taken;
  }

  /** Undefined: there is no place for this caller. */
  enter({ caller, reserved = false, onTaken }: PlaceRequest): Place | undefined {
    if (this.#taken >= this.#max && !this.#makeRoom(caller, reserved)) return undefined;
    const holder: Holder = { caller, onTaken, reserved };
    this.#taken += 1;
    if (!reserved) this.#add(holder);
    let held = true;
    return {
      leave: () => {
        if (!held) return;
        held = false;
        this.#remove(holder);
      },
      release: () => {
        if (!held || !holder.reserved) return;
        holder.reserved = false;
        this.#add(holder);
      },
    };
  }

  #makeRoom(caller: string, reserved: boolean): boolean {
    const most = this.#callersBySize.length - 1;
    const [biggest = ""] = this.#callersBySize.at(-1) ?? [];
    const [oldest] = this.#holders.get(biggest) ?? [];
    const mine = this.#holders.get(caller)?.size ?? 0;
    if (oldest === undefined || (!reserved && most < mine + 2)) return false;
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
    if (holder.reserved) {
      this.#taken -= 1;
      return;
    }
    const places = this.#holders.get(holder.caller);
    if (!places?.delete(holder)) return;
    this.#taken -= 1;
    if (places.size === 0) this.#holders.delete(holder.caller);
    this.#move(holder.caller, places.size + 1, places.size);
  }

  /** Sizes change by one, so the list has no empty end for longer than this call. */
  #move(caller: string, from: number, to: number): void {
    this.#callersBySize[from]?.delete(caller);
    if (to > 0) {
      this.#callersBySize[to] ??= new Set();
      this.#callersBySize[to].add(caller);
    }
    while (this.#callersBySize.length > 0 && !this.#callersBySize.at(-1)?.size) this.#callersBySize.pop();
  }
}
