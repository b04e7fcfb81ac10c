/** An answer of 200 lacks what AWS never leaves out: a proxy or a balancer gave it, and the call may have taken effect. */
class UnreadableAnswerError extends Error {
  override readonly name = "UnreadableAnswerError";
  /** As all errors that end a call of the SDK have it: an outage. */
  readonly $metadata = {};
}

/** The member, where a call without it would be taken for one that found nothing, or did everything. */
export function given<Member>(member: Member | undefined, name: string): Member {
  if (member !== undefined) return member;
  throw new UnreadableAnswerError(`The answer has no ${name}, so it is not AWS's: look for a proxy on the way to it.`);
}
