import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The outcome of the attacker's orders. */
export interface AttackResult {
  /** Orders by the status of their answer, by `waiting` for those without one at the end, and by `cut-off` for broken connections. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Time until the last refusal. */
  readonly refusedWithinMs: number;
}

export interface Attack {
  /** Ends the attack. Resolves with the outcome. @throws Error when the attacker failed */
  end(): Promise<AttackResult>;
}

const attackSize = 5_000;

/** A random address, so that all its ports are free. Customers' addresses begin with 127.1 and 127.2. */
function attackerAddress(): string | undefined {
  return process.platform === "linux" ? `127.66.${randomInt(1, 255)}.${randomInt(1, 255)}` : undefined;
}

/** Orders thousands of coffees at once from one address, without keys, and waits for the answers. */
export function attack(counters: readonly string[], count = attackSize): Attack {
  const orders = JSON.stringify({ counters, count, address: attackerAddress() });
  const attacker = fork(fileURLToPath(new URL("./attacker.ts", import.meta.url)), [orders]);
  const failed = once(attacker, "exit").then(([code, signal]) => {
    throw new Error(`The attacker ended with ${signal ?? `code ${code}`} before it reported its orders.`);
  });
  const result = Promise.race([once(attacker, "message").then(([reported]) => reported as AttackResult), failed]);
  // A failed attacker must not end the rush; `end` reports the failure.
  result.catch(() => undefined);
  return {
    end: async () => {
      // An attacker without open connections has reported and exited already. A message that comes too late is no failure.
      if (attacker.connected) attacker.send("end", () => undefined);
      try {
        return await result;
      } finally {
        attacker.kill("SIGKILL");
      }
    },
  };
}
