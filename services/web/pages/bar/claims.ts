import { codeOf, type Item } from "../shared/order-words.ts";
import { call, type Failure, newKey } from "../shared/shop-api.ts";
import { storedValue } from "../shared/stored-value.ts";
import { texts } from "../shared/texts.ts";

/** An order that this barista holds. */
export interface Claim {
  readonly claimToken: string;
  readonly orderId: string;
  readonly items: readonly Item[];
  readonly name?: string;
  readonly leaseExpiresAt: string;
}

/** Stored claims keep the name of earlier versions of the page. */
type StoredClaim = Omit<Claim, "claimToken"> & { readonly token: string };

interface ClaimedTicket {
  readonly order_id: string;
  readonly items: readonly Item[];
  readonly name?: string;
  readonly lease_expires_at: string;
}

/** The outcome of an action, in words for the barista. */
export interface Outcome {
  readonly claims: readonly Claim[];
  readonly message: string;
  readonly failed?: true;
  /** Set on a 403: the staff token lacks the barista role (for example, a display's token). */
  readonly refusal?: Failure;
}

/**
 * A browser slows the timers of a hidden tab to one a minute. If one heartbeat is lost, the next comes 120 s after the last good
 * one; the lease lasts 30 s longer.
 */
export const leaseSeconds = 150;

/** The claims survive a reload of the tab. */
const claimsOfTab = storedValue<readonly StoredClaim[]>(() => sessionStorage, "doubleshot.claims", asClaims, []);
/** The token of a claim without an answer. The same token gives the same claim. */
const unansweredClaimToken = storedValue<string | undefined>(
  () => sessionStorage,
  "doubleshot.claiming",
  asToken,
  undefined,
);

export function heldClaims(): readonly Claim[] {
  return claimsOfTab.read().map(({ token: claimToken, ...claim }) => ({ ...claim, claimToken }));
}

/** Drops the claims and the token of this tab, for a duplicated tab that must not act on the first one's. */
export function forgetClaims(): void {
  storeClaims([]);
  unansweredClaimToken.write(undefined);
}

/** Takes the order at the head of the queue. */
export async function claimNext(): Promise<Outcome> {
  const claimToken = unansweredClaimToken.read() ?? newKey();
  unansweredClaimToken.write(claimToken);
  const answer = await call<ClaimedTicket>("POST", "/claims", {
    body: { claim_token: claimToken, lease_seconds: leaseSeconds },
  });
  if (!answer.ok) {
    if (answer.status === 409) unansweredClaimToken.write(undefined);
    return failed(answer);
  }
  if (answer.body === undefined) return saveClaims(heldClaims(), texts.bar.nothing);
  unansweredClaimToken.write(undefined);
  const claim = claimOf(answer.body, claimToken);
  return saveClaims([...without(claim.orderId), claim], "");
}

/** Extends the leases. Claims that are over leave the list. */
export async function extendClaims(): Promise<readonly { readonly orderId: string; readonly isOver: boolean }[]> {
  return Promise.all(
    heldClaims().map(async ({ orderId, claimToken }) => {
      const body = { claim_token: claimToken, lease_seconds: leaseSeconds };
      const answer = await call<ClaimedTicket>("POST", `/claims/${orderId}/heartbeat`, { body });
      if (answer.ok && answer.body) replace(claimOf(answer.body, claimToken));
      // A claim that was settled here while its heartbeat was under way is not lost to another barista.
      const isHeld = heldClaims().some((claim) => claim.orderId === orderId);
      const isOver = !answer.ok && isLost(answer.status) && isHeld;
      if (isOver) storeClaims(without(orderId));
      return { orderId, isOver };
    }),
  );
}

/** Finishes the order. An empty note is none. */
export async function finishClaim({ orderId, claimToken }: Claim, note: string): Promise<Outcome> {
  const result = note.trim() === "" ? {} : { result: { note: note.trim().toWellFormed() } };
  const answer = await call("POST", `/claims/${orderId}/finish`, { body: { claim_token: claimToken, ...result } });
  return settled(answer, orderId, texts.bar.finished);
}

export async function releaseClaim({ orderId, claimToken }: Claim): Promise<Outcome> {
  const answer = await call("POST", `/claims/${orderId}/release`, { body: { claim_token: claimToken } });
  return settled(answer, orderId, texts.bar.released);
}

function settled(answer: Awaited<ReturnType<typeof call>>, orderId: string, done: (code: string) => string): Outcome {
  if (answer.ok) return saveClaims(without(orderId), done(codeOf(orderId)));
  if (!isLost(answer.status)) return failed(answer);
  return { ...saveClaims(without(orderId), texts.bar.over(codeOf(orderId))), failed: true };
}

/** Another barista has the order, or it was finished or cancelled. Any other refusal leaves it where it is. */
const isLost = (status: number) => status === 404 || status === 409;

function saveClaims(claims: readonly Claim[], message: string): Outcome {
  storeClaims(claims);
  return { claims, message };
}

function storeClaims(claims: readonly Claim[]): void {
  claimsOfTab.write(claims.map(({ claimToken: token, ...claim }) => ({ ...claim, token })));
}

function failed(failure: Failure): Outcome {
  const message = texts.bar.failed(failure.detail);
  return { claims: heldClaims(), message, failed: true, ...(failure.status === 403 && { refusal: failure }) };
}

const without = (orderId: string) => heldClaims().filter((claim) => claim.orderId !== orderId);

/** A claim that was settled while its heartbeat was under way stays settled. */
function replace(claim: Claim): void {
  storeClaims(heldClaims().map((held) => (held.orderId === claim.orderId ? claim : held)));
}

function claimOf({ order_id, items, name, lease_expires_at }: ClaimedTicket, claimToken: string): Claim {
  return {
    claimToken,
    orderId: order_id,
    items,
    leaseExpiresAt: lease_expires_at,
    ...(name !== undefined && { name }),
  };
}

function asClaims(json: unknown): readonly StoredClaim[] | undefined {
  const isClaim = (claim: Partial<StoredClaim>) =>
    typeof claim?.token === "string" && typeof claim.orderId === "string";
  return Array.isArray(json) ? json.filter(isClaim) : undefined;
}

function asToken(json: unknown): string | undefined {
  return typeof json === "string" ? json : undefined;
}
