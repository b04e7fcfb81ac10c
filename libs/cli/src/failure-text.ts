import { failureSentence, fileSentence } from "@doubleshot/topology";

/** The failure as one sentence with the remedy. An error without a known remedy keeps its stack. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("exitSentence" in error) return error.message;
  return failureSentence(error) ?? fileSentence(error) ?? error.stack ?? error.message;
}
