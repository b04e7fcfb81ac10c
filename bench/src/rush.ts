import pc from "picocolors";
import { help, type RushCommand, RushRefusedError, RushUsageError, readCommand } from "./rush/command.ts";
import { findShop } from "./rush/find-shop.ts";
import { progressOf } from "./rush/progress.ts";
import { compare } from "./rush/results/comparison.ts";
import { comparison, report } from "./rush/results/report.ts";
import { isPerfect } from "./rush/results/scoreboard.ts";
import { type RunResult, runRush, runsOf } from "./rush/runs.ts";

// npm run rush: a rush hour, with a report on each customer's answer.

const out = process.stdout;

/** Ctrl-C ends the rush with its report. npm repeats the signal at once; a signal after a second ends the process. */
function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  const signals = ["SIGINT", "SIGTERM"] as const;
  const stopped = () => {
    process.exitCode = 130;
    stop.abort();
    setTimeout(() => signals.map((signal) => process.off(signal, stopped)), 1_000).unref();
  };
  for (const signal of signals) process.on(signal, stopped);
  // A supervisor that has started the rush ends it by ending itself. Without one, there is no channel.
  process.on("disconnect", stopped);
  process.channel?.unref();
  return stop.signal;
}

async function rush(command: RushCommand): Promise<void> {
  const stop = stopOnSignals();
  const { customers, baristas, speed } = command;
  const results: RunResult[] = [];
  for (const run of runsOf(command)) {
    if (stop.aborted) break;
    await using shop = await findShop(command, process.env, (line) => out.write(`${pc.yellow(line)}\n`));
    const title = run.title === "" ? "" : `${pc.bold(`A rush ${run.title}`)}\n`;
    out.write(
      `${title}${customers} customers and ${baristas} baristas at ${speed} times the speed, in ${shop.description}.\n`,
    );
    const progress = progressOf(customers, out);
    const result = await runRush(command, run, shop, (counts) => progress.show(counts), stop);
    progress.end();
    out.write(report(result));
    results.push(result);
  }
  out.write(comparison(results));
  process.exitCode ??= results.every(isPerfect) && compare(results)?.verdict !== "over" ? 0 : 1;
}

try {
  const command = readCommand(process.argv.slice(2));
  if (command.help) out.write(help);
  else await rush(command);
} catch (error) {
  const expected = error instanceof RushRefusedError || (error instanceof Error && "exitSentence" in error);
  const text = error instanceof Error ? (expected ? error.message : error.stack) : String(error);
  process.stderr.write(`${pc.red(text ?? "")}\n`);
  process.exitCode = error instanceof RushUsageError ? 2 : 1;
}
