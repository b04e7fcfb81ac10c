import { join, resolve } from "node:path";
import { forgetDataFolder } from "@doubleshot/local-aws/data-folder";
import { coffeeShop } from "@doubleshot/shop";
import pc from "picocolors";
import { helpText, readCommand, type StartCommand, UsageError } from "./command-line.ts";
import { fullDiskReport } from "./full-disk-report.ts";
import { openAlready, removeOpenShop, writeOpenShop } from "./open-shop-file.ts";
import { LogFiles } from "./processes/log-files.ts";
import { Supervisor } from "./supervisor.ts";
import { welcome } from "./welcome.ts";

// npm start: opens the shop, keeps it open until Ctrl-C, and reports its state on the terminal.

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
  const shopName = process.env.SHOP || coffeeShop.name;
  const open = await openAlready(folder);
  if (open)
    fail(`The shop is open already, at ${open.url} (process ${open.pid}): use that one, or close it with Ctrl-C.`);
  const logs = openLogs(logFolder);
  const readForFullDisk = fullDiskReport(folder, (line) => print(pc.red(line)));
  const supervisor = new Supervisor({
    shop: coffeeShop,
    services: Object.fromEntries(
      Object.entries(command.services).map(([name, { count, port }]) => [name, { port, env: Array(count).fill({}) }]),
    ),
    ports: command.ports,
    env: {},
    auth: command.auth,
    shopName,
    data,
    // The ports are free at this time, so a shop that was killed a moment ago holds its data no more.
    beforeStart: () => {
      if (command.fresh) forgetDataFolder(data);
    },
    inspector: true,
    faults: true,
    restart: true,
    report: (line) => print(pc.yellow(line)),
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
    if (closing.started) return;
    fail(error);
  }
  writeOpenShop(folder, shopName, supervisor);
  print(welcome(coffeeShop, supervisor, { command, logFolder, openedAfterMs: performance.now() }));
}

/** npm passes on the Ctrl-C that the terminal has sent to every process already, so two signals may be one Ctrl-C. */
const oneCtrlCMs = 1_000;

/**
 * The first signal closes the shop: services send waiting callers on, handlers finish, and the embedded AWS stops last. A
 * second signal kills. The exit code is 0 when all processes stopped by themselves, 1 when one had to be killed, and 130 when
 * all were killed by a second Ctrl-C.
 */
function closeOnSignals(supervisor: Supervisor, logs: LogFiles, onClosed: () => void): { started: boolean } {
  const closing = { started: false };
  const close = async () => {
    closing.started = true;
    const closingSince = performance.now();
    let isKilled = false;
    onSignal = () => {
      if (performance.now() - closingSince < oneCtrlCMs) return;
      isKilled = true;
      void supervisor.kill();
    };
    print(pc.dim("\nClosing: waiting callers get a 503, handlers finish. Ctrl-C again kills."));
    const clean = await supervisor.close();
    onClosed();
    logs.close();
    if (isKilled) {
      print(pc.yellow("Killed."));
      process.exit(130);
    }
    print(clean ? "Closed." : pc.yellow("Closed, but one process had to be killed: its log may have the reason."));
    process.exit(clean ? 0 : 1);
  };
  let onSignal = () => void close();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => onSignal());
  return closing;
}

try {
  const command = readCommand(coffeeShop, process.argv.slice(2), process.env);
  if (command.help) process.stdout.write(helpText(coffeeShop));
  else await run(command);
} catch (error) {
  fail(error);
}
