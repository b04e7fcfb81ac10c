import { call, provideToken } from "./shop-api.ts";
import { storedValue } from "./stored-value.ts";

/** A person's access token. The secret that it was given for is never kept. */
export interface Session {
  readonly token: string;
  /** The account of a customer. Staff have none. */
  readonly customerId?: string;
}

type Listener = (session: Session | undefined, hasExpired: boolean) => void;

/** One session on this device for customers, and one for staff: both may use the same device. */
export class SessionKeeper {
  readonly #stored;
  readonly #listeners = new Set<Listener>();

  constructor(name: "customer" | "staff") {
    this.#stored = storedValue<Session | undefined>(() => localStorage, `doubleshot.${name}`, asSession, undefined);
    provideToken(
      () => this.current?.token,
      () => this.#set(undefined, true),
    );
    window.addEventListener("storage", () => this.#notify(false));
  }

  get current(): Session | undefined {
    return this.#stored.read();
  }

  signIn(session: Session): void {
    this.#set(session, false);
  }

  signOut(): void {
    this.#set(undefined, false);
  }

  /** Calls the listener with each change, in this tab or in another one. Returns the function that stops it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #set(session: Session | undefined, hasExpired: boolean): void {
    this.#stored.write(session);
    this.#notify(hasExpired);
  }

  #notify(hasExpired: boolean): void {
    for (const listener of this.#listeners) listener(this.current, hasExpired);
  }
}

/** Asks for a token for a customer's account. */
export async function grantToken(customerId: string, secret: string) {
  const body = { customer_id: customerId.trim(), secret: secret.trim() };
  return call<{ readonly access_token: string }>("POST", "/tokens", { body });
}

function asSession(json: unknown): Session | undefined {
  const { token, customerId } = Object(json) as Partial<Session>;
  if (typeof token !== "string") return undefined;
  return { token, ...(typeof customerId === "string" && { customerId }) };
}
