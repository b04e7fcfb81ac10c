/** The exit code of a rush that was stopped. It has reported on the customers until then. */
const stoppedCode = 130;

/** How a rush ended, by its exit code. It has none if a signal ended it, such as SIGKILL. */
export function rushEnding(exitCode: number | undefined): "perfect" | "stopped" | "failed" {
  if (exitCode === 0) return "perfect";
  return exitCode === undefined || exitCode === stoppedCode ? "stopped" : "failed";
}
