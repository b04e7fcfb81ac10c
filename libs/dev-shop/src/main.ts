import { join, resolve } from "node:path";
import { forgetDataFolder } from "@doubleshot/local-aws/data-folder";
import { shop } from "@doubleshot/shop";
import pc from "picocolors";
import { helpText, readCommand, type StartCommand, UsageError } from "./command-line.ts";
import { fullDiskReport } from "./full-disk-report.ts";
import { openAlready, removeOpenShop, writeOpenShop } from "./open-shop-file.ts";
import { LogFiles } from "./processes/log-files.ts";
import { Supervisor } from "./supervisor.ts";
import { welcome } from "./welcome.ts";

// npm start: opens the shop, keeps it open until Ctrl-C, and says on the terminal what a person wants to know.

const print = (text: string) => process.stdout.write(`${text}\n`);
// A closed terminal or pipe must not take the shop down before it has stopped in order.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

function fail(error: unknown): never {
  process.stderr.write(`${pc.red(sentence(error))}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "exitSentence" in error ? error.message : (error.stack ?? error.message);
}

function openLogs(folder: string): LogFiles {
  try {
    return new LogFiles(folder);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : error;
    process.stderr.write(
      `${pc.red(`The folder ${folder} cannot be written (${code}): choose another with --data.`)}\n`,
    );
    process.exit(1);
  }
}

async function run(command: StartCommand): Promise<void> {
  const folder = resolve(command.data);
  const data = join(folder, "aws");
  const logFolder = join(folder, "logs");
  const prefix = process.env.SHOP || shop.name;
  const open = await openAlready(folder);
  if (open)
    fail(`The shop is open already, at ${open.url} (process ${open.pid}): use that one, or close it with Ctrl-C.`);
  const logs = openLogs(logFolder);
  const readForFullDisk = fullDiskReport(folder, (line) => print(pc.red(line)));
  const supervisor = new Supervisor({
    shop,
    services: Object.fromEntries(
      Object.entries(command.services).map(([name, { count, port }]) => [name, { port, env: Array(count).fill({}) }]),
    ),
    ports: command.ports,
    env: {},
    prefix,
    data,
    // The ports are free by then. A shop that was killed a moment ago may still hold its data.
    beforeStart: () => {
      if (command.fresh) forgetDataFolder(data);
    },
    inspector: true,
    restart: true,
    say: (line) => print(pc.yellow(line)),
    onLine: (name, line) => {
      logs.write(name, line);
      readForFullDisk(line);
      if (command.verbose) print(`${pc.dim(`${name} |`)} ${line}`);
    },
  });
  const closing = closeOnSignals(supervisor, logs, () => removeOpenShop(folder));
  try {
    await supervisor.open();
  } catch (error) {
    if (closing.asked) return;
    fail(error);
  }
  writeOpenShop(folder, prefix, supervisor);
  print(welcome(shop, supervisor, { logFolder, openedAfterMs: performance.now() }));
}

/** npm passes on the Ctrl-C that the terminal has sent to every process already: two signals, one wish. */
const oneCtrlC = 1_000;

/**
 * The first signal closes the shop: waiting callers are told to come back, handlers finish, the embedded AWS goes last.
 * A second one kills. Exit code 0 means that all stopped by themselves; 1 that one had to be killed; 130 that all were,
 * because of a second Ctrl-C.
 */
function closeOnSignals(supervisor: Supervisor, logs: LogFiles, onClosed: () => void): { asked: boolean } {
  const closing = { asked: false };
  const close = async () => {
    closing.asked = true;
    const askedAt = performance.now();
    let killed = false;
    onSignal = () => {
      if (performance.now() - askedAt < oneCtrlC) return;
      killed = true;
      void supervisor.kill();
    };
    print(pc.dim("\nClosing: the waiting are told to come back, the brewing is finished. Ctrl-C again kills."));
    const clean = await supervisor.close();
    onClosed();
    logs.close();
    if (killed) {
      print(pc.yellow("Killed."));
      process.exit(130);
    }
    print(clean ? "Closed." : pc.yellow("Closed, but one process had to be killed: its log may say why."));
    process.exit(clean ? 0 : 1);
  };
  let onSignal = () => void close();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => onSignal());
  return closing;
}

try {
  const command = readCommand(shop, process.argv.slice(2), process.env);
  if (command.help) process.stdout.write(helpText(shop));
  else await run(command);
} catch (error) {
  fail(error);
}
