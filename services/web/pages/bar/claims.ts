import { codeOf, type Item } from "../shared/order-words.ts";
import { call, type Failure, newKey } from "../shared/shop-api.ts";
import { storedValue } from "../shared/stored-value.ts";
import { texts } from "../shared/texts.ts";

/** An order in this barista's hands. */
export interface Claim {
  readonly token: string;
  readonly orderId: string;
  readonly items: readonly Item[];
  readonly name?: string;
  readonly leaseExpiresAt: string;
}

interface ClaimedTicket {
  readonly order_id: string;
  readonly items: readonly Item[];
  readonly name?: string;
  readonly lease_expires_at: string;
}

/** The outcome of an action, in words for the barista. */
export interface Outcome {
  readonly claims: readonly Claim[];
  readonly said: string;
  readonly failed?: true;
  /** The token has not the role of a barista, as that of a display. */
  readonly refusal?: Failure;
}

/** A browser slows the timers of a hidden tab down to one a minute: the lease outlasts a lost heartbeat of such a tab. */
export const leaseSeconds = 120;

/** They stay with the tab: a reload goes on with them. */
const claimsOfTab = storedValue<readonly Claim[]>(() => sessionStorage, "doubleshot.claims", asClaims, []);
/** The token of a claim without an answer. The same token gives the same claim. */
const tokenOfTab = storedValue<string | undefined>(() => sessionStorage, "doubleshot.claiming", asToken, undefined);

export function heldClaims(): readonly Claim[] {
  return claimsOfTab.read();
}

/** They belong to the tab that this one is a copy of. */
export function forgetClaims(): void {
  claimsOfTab.write([]);
  tokenOfTab.write(undefined);
}

/** Takes the order at the head of the queue. */
export async function claimNext(): Promise<Outcome> {
  const token = tokenOfTab.read() ?? newKey();
  tokenOfTab.write(token);
  const answer = await call<ClaimedTicket>("POST", "/claims", {
    body: { claim_token: token, lease_seconds: leaseSeconds },
  });
  if (!answer.ok) {
    if (answer.status === 409) tokenOfTab.write(undefined);
    return failed(answer);
  }
  if (answer.body === undefined) return outcome(heldClaims(), texts.bar.nothing);
  tokenOfTab.write(undefined);
  const claim = claimOf(answer.body, token);
  return outcome([...without(claim.orderId), claim], "");
}

/** Extends the leases. Claims that are over leave the list. */
export async function extendClaims(): Promise<readonly { readonly orderId: string; readonly isOver: boolean }[]> {
  return Promise.all(
    heldClaims().map(async ({ orderId, token }) => {
      const body = { claim_token: token, lease_seconds: leaseSeconds };
      const answer = await call<ClaimedTicket>("POST", `/claims/${orderId}/heartbeat`, { body });
      if (answer.ok && answer.body) replace(claimOf(answer.body, token));
      // A claim that was settled here while its heartbeat was under way is not lost to another barista.
      const isHeld = heldClaims().some((claim) => claim.orderId === orderId);
      const isOver = !answer.ok && isLost(answer.status) && isHeld;
      if (isOver) claimsOfTab.write(without(orderId));
      return { orderId, isOver };
    }),
  );
}

/** Finishes the order. An empty note is none. */
export async function finishClaim({ orderId, token }: Claim, note: string): Promise<Outcome> {
  const result = note.trim() === "" ? {} : { result: { note: note.trim().toWellFormed() } };
  const answer = await call("POST", `/claims/${orderId}/finish`, { body: { claim_token: token, ...result } });
  return settled(answer, orderId, texts.bar.finished);
}

export async function releaseClaim({ orderId, token }: Claim): Promise<Outcome> {
  const answer = await call("POST", `/claims/${orderId}/release`, { body: { claim_token: token } });
  return settled(answer, orderId, texts.bar.released);
}

function settled(answer: Awaited<ReturnType<typeof call>>, orderId: string, done: (code: string) => string): Outcome {
  if (answer.ok) return outcome(without(orderId), done(codeOf(orderId)));
  if (!isLost(answer.status)) return failed(answer);
  return { ...outcome(without(orderId), texts.bar.over(codeOf(orderId))), failed: true };
}

/** Another barista has the order, or it was finished or cancelled. Any other refusal leaves it where it is. */
const isLost = (status: number) => status === 404 || status === 409;

function outcome(claims: readonly Claim[], said: string): Outcome {
  claimsOfTab.write(claims);
  return { claims, said };
}

function failed(failure: Failure): Outcome {
  const said = texts.bar.failed(failure.detail);
  return { claims: heldClaims(), said, failed: true, ...(failure.status === 403 && { refusal: failure }) };
}

const without = (orderId: string) => heldClaims().filter((claim) => claim.orderId !== orderId);

/** A claim that was settled while its heartbeat was under way stays settled. */
function replace(claim: Claim): void {
  claimsOfTab.write(heldClaims().map((held) => (held.orderId === claim.orderId ? claim : held)));
}

function claimOf({ order_id, items, name, lease_expires_at }: ClaimedTicket, token: string): Claim {
  return { token, orderId: order_id, items, leaseExpiresAt: lease_expires_at, ...(name !== undefined && { name }) };
}

function asClaims(json: unknown): readonly Claim[] | undefined {
  const isClaim = (claim: Partial<Claim>) => typeof claim?.token === "string" && typeof claim.orderId === "string";
  return Array.isArray(json) ? json.filter(isClaim) : undefined;
}

function asToken(json: unknown): string | undefined {
  return typeof json === "string" ? json : undefined;
}
