import pc from "picocolors";
import { exitCodes } from "./command.ts";
import { Terminal } from "./output/terminal.ts";
import { run } from "./run.ts";

// The doubleshot command as a process: standard streams, signals and the exit code.

const terminal = new Terminal(process);
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that closes the pipe early, such as head, is no failure. A full disk is one: half a result is none.
  if (error.code === "EPIPE") process.exit(exitCodes.fine);
  terminal.report(pc.red(`The output cannot be written (${error.message}): make room, or write it elsewhere.`));
  process.exit(exitCodes.failed);
});
// No stream is left to report it on; the exit code stands.
process.stderr.on("error", () => undefined);

/** npm passes on the Ctrl-C that the terminal has sent to every process already, so two signals may be one Ctrl-C. */
const oneCtrlCMs = 1_000;

// The first Ctrl-C or SIGTERM stops between two messages, so that none stays hidden in a queue. The second stops at once.
const interrupted = new AbortController();
let interruptedAt = Number.POSITIVE_INFINITY;
const interrupt = () => {
  interruptedAt = Math.min(interruptedAt, performance.now());
  interrupted.abort();
  if (performance.now() - interruptedAt > oneCtrlCMs) process.exit(exitCodes.failed);
};
process.on("SIGINT", interrupt).on("SIGTERM", interrupt);

process.exitCode = await run(process.argv.slice(2), process, interrupted.signal);
