import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { ConfigError, readConfig, serviceConfig } from "./config.ts";
import { createLogger, type Logger } from "./logger.ts";

export interface Kit {
  readonly log: Logger;
  /**
   * Aborts when the process is asked to stop, `DRAIN_DELAY_MS` before `drain()` is called: time for load balancers to see
   * that it is not ready, while its socket still answers.
   */
  readonly signal: AbortSignal;
}

export interface RunningService {
  readonly url: string;
  /** Finishes what is in flight and lets go of everything. What it does not finish in time is cut off. */
  drain(): Promise<void>;
}

/**
 * A service's process. *Starting*: the configuration is read and `start` runs; an error with `exitSentence` ends it with
 * that sentence alone on stderr and exit code 1, any other with a fatal log line and 1. *Listening*: one line on stdout
 * says so and names the URL; a supervisor reads it. SIGTERM or SIGINT, however many, lead to *draining*: the signal is
 * aborted, `drain` runs after `DRAIN_DELAY_MS`, and the process exits with 0, or with 1 once `DRAIN_SECONDS` are over. A
 * stop that comes while starting waits for the start and drains at once: nobody was sent here yet. An error nobody caught exits with 1 from any state: restarting from
 * the tables is safe, going on from an unknown state is not. So does the loss of the supervisor (its IPC channel
 * closes), without draining, because a process left behind would keep its port and its place in the queues.
 */
export async function runService(name: string, start: (kit: Kit) => Promise<RunningService>): Promise<void> {
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
    dieOfUncaughtErrors(log);
    drainWithin(DRAIN_SECONDS, stopping, log);
    const service = await start({ log, signal: stopping.signal });
    // Said whatever the log level is: the supervisor waits for it.
    log.child({}, { level: "info" }).info({ url: service.url }, "listening");
    if (!stopping.signal.aborted) {
      await once(stopping.signal, "abort");
      await delay(DRAIN_DELAY_MS);
    }
    await service.drain();
    log.info("drained");
    process.exit(0);
  } catch (error) {
    endWith(error, log);
  }
}

function drainWithin(seconds: number, stopping: AbortController, log: Logger): void {
  const stop = (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) return;
    log.info({ signal }, "draining");
    stopping.abort();
    setTimeout(() => {
      log.error(`not drained within ${seconds} s (DRAIN_SECONDS)`);
      process.exit(1);
    }, seconds * 1_000);
  };
  // Ctrl-C reaches the whole process group, and the supervisor then sends its own SIGTERM: the second one is no hurry.
  process.on("SIGTERM", stop).on("SIGINT", stop);
}

function dieOfUncaughtErrors(log: Logger): void {
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
