/** A failure that an operator can put right. The message is one sentence with the remedy. */
export class OperatorError extends Error {
  override readonly name: string = "OperatorError";
  readonly exitSentence = true;
}
