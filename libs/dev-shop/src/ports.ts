import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A port that a program of the shop needs, and the setting that moves it. */
export interface WantedPort {
  readonly port: number;
  readonly name: string;
  /** Environment variable or option to name when the port is taken. */
  readonly setting: string;
}

export class PortTakenError extends Error {
  override readonly name = "PortTakenError";
  readonly exitSentence = true;
}

/**
 * Below the ports that the kernel gives to outgoing connections (32768 and up on Linux, 49152 on macOS). Otherwise a client
 * of a process that is down could get the very port it calls, connect to itself, and keep the restarted process from binding.
 */
const minPort = 15_000;
const maxPort = 32_000;

/** Returns distinct free ports of 127.0.0.1. A process keeps its port when it is restarted. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(minPort, maxPort);
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

/**
 * Waits until the ports are free: the processes of a shop that was killed a moment ago take a while to end.
 *
 * @throws PortTakenError after `patienceMs`
 */
export async function waitForFreePorts(wanted: readonly WantedPort[], patienceMs = 3_000): Promise<void> {
  const deadline = performance.now() + patienceMs;
  await Promise.all(
    wanted.map(async ({ port, name, setting }) => {
      while (!(await isFree(port))) {
        if (performance.now() > deadline) {
          throw new PortTakenError(
            `Port ${port} (${name}) is taken: stop the program that listens there, or choose another port with ${setting}.`,
          );
        }
        await sleep(50);
      }
    }),
  );
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
