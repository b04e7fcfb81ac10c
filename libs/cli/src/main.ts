import pc from "picocolors";
import about from "../package.json" with { type: "json" };
import { type ExitCode, exitCodes } from "./command.ts";
import { takeDataFolder, UsageError } from "./command-line.ts";
import { commands } from "./commands.ts";
import { connect } from "./connect.ts";
import { failureText } from "./failure-text.ts";
import { Terminal } from "./output/terminal.ts";

// The doubleshot command: reads its arguments, finds the shop, and prints what an operation found or did.

const help = `doubleshot <command> [--data folder] [--json] [--help]
doubleshot --version

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`)
  .join("\n")}

The shop is found by its data folder (--data folder, or DATA), else by SHOP (doubleshot) and the AWS settings of the
environment (AWS_ENDPOINT_URL_*, AWS_REGION, credentials), else it is the one that npm start has opened on this machine,
on whatever ports. TOPOLOGY names a JSON file that describes another system than the shop.

Exit codes: 0 fine, 1 failed or interrupted, 2 typed wrong, 3 an audit found what was not delivered.
`;

const terminal = new Terminal(process);
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough, such as head, is no failure. A full disk is: half of a result is none.
  if (error.code === "EPIPE") process.exit(exitCodes.fine);
  terminal.say(pc.red(`The output cannot be written (${error.message}): make room, or write it elsewhere.`));
  process.exit(exitCodes.failed);
});
// Nobody can be told of it; the exit code stands.
process.stderr.on("error", () => undefined);

async function run(all: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  const { data, rest } = takeDataFolder(all);
  const [name, ...args] = rest;
  if (name === "--help" || name === "-h" || name === "help") return print(help);
  if (name === "--version" || name === "-v") return print(about.version);
  if (name === undefined) throw new UsageError(`Say what to do: doubleshot ${Object.keys(commands).join(", ")}.`);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    throw new UsageError(`There is no command ${JSON.stringify(name)}: doubleshot --help lists them.`);
  }
  const prepared = command.prepare(args);
  if (prepared === "help") return print(command.help);
  const { shop, services } = await connect({
    say: (line) => terminal.say(pc.dim(line)),
    signal: abandoned.signal,
    ...(data !== undefined && { data }),
  });
  try {
    return await prepared({ shop, services, terminal, signal });
  } finally {
    shop.clients.destroy();
  }
}

function print(text: string): ExitCode {
  terminal.print(text.trimEnd());
  return exitCodes.fine;
}

/** npm passes on the Ctrl-C that the terminal has sent to every process already: two signals, one wish. */
const oneCtrlC = 1_000;

// The first Ctrl-C or SIGTERM stops between two messages, so that none is left hidden in a queue; the second one at once.
const interrupted = new AbortController();
/** Milliseconds in which calls under way may end and messages in hand be given back; then AWS counts as silent. */
const cleanUpWithin = 2_000;
const abandoned = new AbortController();
let interruptedAt = Number.POSITIVE_INFINITY;
const interrupt = () => {
  interruptedAt = Math.min(interruptedAt, performance.now());
  interrupted.abort();
  setTimeout(() => abandoned.abort(), cleanUpWithin).unref();
  if (performance.now() - interruptedAt > oneCtrlC) process.exit(exitCodes.failed);
};
process.on("SIGINT", interrupt).on("SIGTERM", interrupt);

try {
  process.exitCode = await run(process.argv.slice(2), interrupted.signal);
} catch (error) {
  terminal.say(pc.red(interrupted.signal.aborted ? "Interrupted: what was done is done." : failureText(error)));
  process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
}
