import type { Token } from "./bar.ts";
import type { BaristaEvents } from "./barista-events.ts";
import type { Brew } from "./work-on-claim.ts";

export interface BaristaOptions {
  /** The URL of the bar, such as `http://localhost:9703`, or the URLs of several instances of it. */
  readonly url: string | readonly string[];
  /**
   * The access token with the role that the bar asks for, or a function that returns one. The function is called for each
   * request, so it may renew a token that expires. Left out, no token is sent.
   */
  readonly token?: Token;
  /**
   * Makes the order and returns the result for the customer, if there is one: any JSON up to 16 KB. Its signal fires when the
   * claim is over, and on `abandon`. `brew` may run twice for one order, here or elsewhere: after a crash, and after a lease
   * that lapsed. If it throws, the order goes back to the line.
   */
  readonly brew: Brew;
  /** Orders that are brewed at once. Default 1, at most 10,000. */
  readonly concurrency?: number;
  /** Fires to stop: no more orders are claimed, and those in hand are finished. */
  readonly signal: AbortSignal;
  /** Fires to drop the orders in hand at once, as at the end of a drain. Brews are aborted, and their leases lapse. */
  readonly abandon?: AbortSignal;
  /**
   * Seconds after which another worker gets the order if this process is dead. There are three heartbeats in this time.
   * Default 30, at most 43,200: the bar grants no longer lease.
   */
  readonly leaseSeconds?: number;
  readonly events?: BaristaEvents;
}

/** Values that an option may have. `allowed` completes the sentence "give it ...". */
interface Rule {
  readonly allowed: string;
  holds(value: unknown): boolean;
  /** Whether the message leaves out the value. */
  readonly isSecret?: boolean;
}

const callback: Rule = { allowed: "a function", holds: (value) => typeof value === "function" };
const abortSignal: Rule = { allowed: "an AbortSignal", holds: (value) => value instanceof AbortSignal };
const anObject: Rule = { allowed: "an object", holds: (value) => typeof value === "object" && value !== null };

/** The value of a wrong token is not shown: it may be right, but for a line break at its end. */
const tokenOrFunction: Rule = {
  allowed: "a token, in visible ASCII characters without spaces, or a function that returns one",
  holds: (value) => typeof value === "function" || (typeof value === "string" && /^[\x21-\x7e]+$/.test(value)),
  isSecret: true,
};

const barUrl: Rule = {
  allowed:
    "the URL of the bar, such as http://localhost:9703, without user, query and fragment; or a list of at least one such URL",
  holds: (value) => (Array.isArray(value) ? value.length > 0 && value.every(isBarUrl) : isBarUrl(value)),
};

/** A rule for every option: a new option without a rule does not compile. */
const rules: { readonly [Name in keyof Required<BaristaOptions>]: Rule } = {
  url: barUrl,
  token: optional(tokenOrFunction),
  brew: callback,
  concurrency: optional(wholeNumber("orders", 10_000)),
  signal: abortSignal,
  abandon: optional(abortSignal),
  leaseSeconds: optional(wholeNumber("seconds", 12 * 60 * 60)),
  events: optional(anObject),
};

const eventRules: { readonly [Name in keyof Required<BaristaEvents>]: Rule } = {
  taken: optional(callback),
  finishing: optional(callback),
  finished: optional(callback),
  trouble: optional(callback),
};

/**
 * Checks the options once, at the call. A wrong option is a bug of the caller. A request with it would fail later, look like
 * an outage and be repeated for ever.
 *
 * @throws TypeError naming the option, its value and what is allowed:
 * `createBarista's concurrency is 0: give it a whole number of orders from 1 to 10,000, or leave it out.`
 */
export function checkOptions(options: BaristaOptions): void {
  check("options", anObject, options);
  checkEach("", rules, options);
  if (options.events !== undefined) checkEach("events.", eventRules, options.events);
}

function checkEach(path: string, rules: Readonly<Record<string, Rule>>, options: object): void {
  for (const [name, rule] of Object.entries(rules)) check(`${path}${name}`, rule, Reflect.get(options, name));
}

function check(option: string, { allowed, holds, isSecret = false }: Rule, value: unknown): void {
  if (holds(value)) return;
  throw new TypeError(`createBarista's ${option} is ${isSecret ? "not valid" : shown(value)}: give it ${allowed}.`);
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 300 ? `${value.slice(0, 300)}...` : value);
  if (Array.isArray(value))
    return value.length === 0 ? "an empty list" : `a list of ${value.slice(0, 5).map(shown).join(", ")}`;
  if (typeof value === "function") return "a function";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

function optional({ allowed, holds, ...rule }: Rule): Rule {
  return { ...rule, allowed: `${allowed}, or leave it out`, holds: (value) => value === undefined || holds(value) };
}

function wholeNumber(unit: string, max: number): Rule {
  return {
    allowed: `a whole number of ${unit} from 1 to ${max.toLocaleString("en")}`,
    holds: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max,
  };
}

/** `fetch` rejects every call to a URL with a user; the path of a call would end up in a query or a fragment. */
function isBarUrl(value: unknown): boolean {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const { protocol, username, password, href } = new URL(value);
  return /^https?:$/.test(protocol) && username === "" && password === "" && !/[?#]/.test(href);
}
