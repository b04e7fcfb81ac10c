/** Calls a callback whose failure must not matter: `failed` receives its error, thrown or rejected. */
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

/** Reports an error without failing: Node.js prints a warning and emits it to `process.on("warning")`. */
export function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
