import { failureSentence } from "@doubleshot/topology";

/** What went wrong, in one sentence that says what to do; a stack only for what nobody could foresee. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("exitSentence" in error) return error.message;
  return failureSentence(error) ?? error.stack ?? error.message;
}
