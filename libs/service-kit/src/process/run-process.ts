import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { ConfigError, readConfig, serviceConfig } from "./config.ts";
import { createLogger, type Logger } from "./logger.ts";

export interface Kit {
  readonly log: Logger;
  /**
   * Aborts when the process is asked to stop, `DRAIN_DELAY_MS` before `drain()` is called. Meanwhile the process still
   * answers, and load balancers see that it is not ready.
   */
  readonly signal: AbortSignal;
}

export interface RunningService {
  readonly url: string;
  /** Finishes the work in flight and releases all resources. After `DRAIN_SECONDS` the process exits anyway. */
  drain(): Promise<void>;
}

/**
 * Runs a service's process. The process is one of:
 * - starting   reads the configuration and calls `start`. An error with `exitSentence` ends the process with that sentence
 *              on stderr, any other error with a fatal log line; the exit code is 1
 * - listening  one line on stdout names the URL, for a supervisor to read
 * - draining   after the first SIGTERM or SIGINT: the signal aborts, `drain` runs `DRAIN_DELAY_MS` later, and the process
 *              exits with 0, or with 1 after `DRAIN_SECONDS`. A stop during the start drains without the delay, because
 *              no balancer sends requests to this process yet. If `start` throws the signal's reason, nothing is drained
 *
 * An uncaught error exits with 1 from any state: a restart from the tables is safe, an unknown state is not. The loss of
 * the supervisor (its IPC channel closes) exits with 1 without draining, because an orphaned process would keep its port
 * and keep receiving from its queue.
 */
export async function runProcess(name: string, start: (kit: Kit) => Promise<RunningService>): Promise<void> {
  process.once("disconnect", () => process.exit(1));
  const stopping = new AbortController();
  let log: Logger | undefined;
  try {
    const { LOG_LEVEL, DRAIN_SECONDS, DRAIN_DELAY_MS } = readConfig(z.object(serviceConfig));
    if (DRAIN_DELAY_MS >= DRAIN_SECONDS * 1_000) {
      throw new ConfigError(
        `DRAIN_DELAY_MS is ${DRAIN_DELAY_MS}; it must be less than the ${DRAIN_SECONDS} s of DRAIN_SECONDS.`,
      );
    }
    log = createLogger(name, LOG_LEVEL);
    endOnUncaughtErrors(log);
    drainWithin(DRAIN_SECONDS, stopping, log);
    const service = await start({ log, signal: stopping.signal });
    // Logged at every log level, because the supervisor waits for this line.
    log.child({}, { level: "info" }).info({ url: service.url }, "listening");
    if (!stopping.signal.aborted) {
      await once(stopping.signal, "abort");
      await delay(DRAIN_DELAY_MS);
    }
    await service.drain();
    log.info("drained");
    process.exit(0);
  } catch (error) {
    if (!stopping.signal.aborted || error !== stopping.signal.reason) endWith(error, log);
    log?.info("stopped before it listened");
    process.exit(0);
  }
}

function drainWithin(seconds: number, stopping: AbortController, log: Logger): void {
  const stop = (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) return;
    log.info({ signal }, "draining");
    stopping.abort();
    setTimeout(() => {
      log.error(`not drained within the ${seconds} s of DRAIN_SECONDS`);
      process.exit(1);
    }, seconds * 1_000);
  };
  // Ctrl-C reaches the whole process group, and then the supervisor sends a SIGTERM: a second signal changes nothing.
  process.on("SIGTERM", stop).on("SIGINT", stop);
}

function endOnUncaughtErrors(log: Logger): void {
  process.on("uncaughtException", (error) => endWith(error, log));
}

function endWith(error: unknown, log: Logger | undefined): never {
  if (error instanceof Error && "exitSentence" in error && error.exitSentence === true) {
    process.stderr.write(`${error.message}\n`);
  } else if (log) {
    log.fatal({ err: error }, "ended by an unexpected error");
  } else {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  }
  process.exit(1);
}
