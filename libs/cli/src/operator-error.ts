/** Something an operator can put right: the message is one sentence that says what to do. */
export class OperatorError extends Error {
  override readonly name: string = "OperatorError";
  readonly exitSentence = true;
}
