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

export class PortTaken extends Error {
  override readonly name = "PortTaken";
  readonly exitSentence = true;
}

/**
 * Below the ports the kernel hands to outgoing connections (32768 and up on Linux, 49152 on macOS): while a process is
 * down, a client that tries to reach it could otherwise be given the very port it calls, connect to itself, and keep the
 * restarted process from binding.
 */
const lowest = 15_000;
const highest = 32_000;

/** Distinct ports of 127.0.0.1 that nobody listens on. They stay the process' own when it is restarted. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(lowest, highest);
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

/**
 * Waits until nobody listens on the ports: the processes of a shop that was killed a moment ago need one. Throws
 * `PortTaken` after `patience` ms.
 */
export async function portsToBeFree(wanted: readonly WantedPort[], patience = 3_000): Promise<void> {
  const deadline = performance.now() + patience;
  await Promise.all(
    wanted.map(async ({ port, name, setting }) => {
      while (!(await isFree(port))) {
        if (performance.now() > deadline) {
          throw new PortTaken(
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
