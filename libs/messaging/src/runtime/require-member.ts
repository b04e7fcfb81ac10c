/** An answer of 200 without a member that AWS always sends: it comes from a proxy, and the call may have taken effect. */
class UnreadableAnswerError extends Error {
  override readonly name = "UnreadableAnswerError";
  /** The SDK sets it on every error that ends a call, so this one counts as an outage. */
  readonly $metadata = {};
}

/** Returns the member of an answer. Without it, the call would look as if it found nothing, or did everything. */
export function requireMember<Member>(member: Member | undefined, name: string): Member {
  if (member !== undefined) return member;
  throw new UnreadableAnswerError(`The answer has no ${name}, so it is not AWS's: look for a proxy on the way to it.`);
}
