/**
 * Calls a callback that is told of something and has no say in it: an error that it throws, or that its promise rejects
 * with, goes to `failed` and nowhere else.
 */
export function notify<Args extends unknown[]>(
  callback: ((...args: Args) => unknown) | undefined,
  failed: (error: unknown) => void,
): (...args: Args) => void {
  return (...args) => {
    try {
      Promise.resolve(callback?.(...args)).catch(failed);
    } catch (error) {
      failed(error);
    }
  };
}

/** For what must go on whatever its callbacks do: Node.js prints a warning, and `process.on("warning")` gets it. */
export function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
