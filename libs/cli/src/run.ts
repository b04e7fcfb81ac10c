import pc from "picocolors";
import about from "../package.json" with { type: "json" };
import { type ExitCode, exitCodes } from "./command.ts";
import { takeDataFolder, UsageError } from "./command-line.ts";
import { commands } from "./commands.ts";
import { connect } from "./connect.ts";
import { failureText } from "./failure-text.ts";
import { type Streams, Terminal } from "./output/terminal.ts";

const help = `doubleshot <command> [--data folder] [--json] [--help]
doubleshot --version

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`)
  .join("\n")}

The shop is found by its data folder (--data folder, or DATA), else by SHOP (doubleshot) and the AWS settings of the
environment (AWS_ENDPOINT_URL_*, AWS_REGION, credentials), else it is the one that npm start has opened on this machine,
on any ports. TOPOLOGY names a JSON file that describes another system than the shop.

Exit codes: 0 fine, 1 failed or interrupted, 2 usage error, 3 an audit found undelivered events.
`;

/** After an interruption, calls under way may end and held messages are returned within this time. */
const cleanUpMs = 2_000;

/**
 * Runs the command that the arguments name, with the settings of `process.env`, which the AWS clients read as well. A
 * failure is one sentence on standard error.
 *
 * @param interrupted ends the command between two messages; calls that are unanswered two seconds later end, too
 */
export async function run(args: readonly string[], streams: Streams, interrupted: AbortSignal): Promise<ExitCode> {
  const terminal = new Terminal(streams);
  try {
    return await runCommand(args, terminal, interrupted);
  } catch (error) {
    terminal.report(pc.red(interrupted.aborted ? "Interrupted: what was done is done." : failureText(error)));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

async function runCommand(all: readonly string[], terminal: Terminal, interrupted: AbortSignal): Promise<ExitCode> {
  const print = (text: string): ExitCode => {
    terminal.print(text.trimEnd());
    return exitCodes.fine;
  };
  const { data, rest } = takeDataFolder(all);
  const [name, ...args] = rest;
  if (name === "--help" || name === "-h" || name === "help") return print(help);
  if (name === "--version" || name === "-v") return print(about.version);
  const command = commandNamed(name);
  const prepared = command.prepare(args);
  if (prepared === "help") return print(command.help);
  const { shop, services } = await connect({
    report: (line) => terminal.report(pc.dim(line)),
    signal: laterThan(interrupted, cleanUpMs),
    ...(data !== undefined && { data }),
  });
  try {
    return await prepared({ shop, services, terminal, signal: interrupted });
  } finally {
    shop.clients.destroy();
  }
}

function commandNamed(name: string | undefined) {
  if (name === undefined) throw new UsageError(`Name a command: doubleshot ${Object.keys(commands).join(", ")}.`);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return command;
  throw new UsageError(`There is no command ${JSON.stringify(name)}: doubleshot --help lists them.`);
}

/** A signal that aborts so many milliseconds after another. It does not keep the process alive. */
function laterThan(signal: AbortSignal, milliseconds: number): AbortSignal {
  const later = new AbortController();
  signal.addEventListener("abort", () => setTimeout(() => later.abort(), milliseconds).unref(), { once: true });
  return later.signal;
}
