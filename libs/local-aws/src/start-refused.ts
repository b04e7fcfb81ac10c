/** The embedded AWS cannot start and the reader can do something about it: the message is the one sentence to show. */
export class StartRefused extends Error {
  override readonly name = "StartRefused";
  /** Tells `runService` and other mains that the message is meant for a person: print it and exit 1. */
  readonly exitSentence = true;
}
