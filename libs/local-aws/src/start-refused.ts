/** The embedded AWS cannot start and the reader can do something about it: the message is the one sentence to show. */
export class StartRefusedError extends Error {
  override readonly name = "StartRefusedError";
  /** Marks the message as one for a person: `runService` and other mains print it and exit 1. */
  readonly exitSentence = true;
}
