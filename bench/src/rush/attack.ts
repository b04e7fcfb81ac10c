import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What became of the attacker's orders. */
export interface AttackResult {
  /** How many were answered with which status; those still waiting at the end, and those whose connection broke, by word. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Milliseconds until the last of them was refused. */
  readonly refusedWithin: number;
}

export interface Attack {
  /** The attacker gives up; resolves with what became of it. */
  end(): Promise<AttackResult>;
}

const attackSize = 5_000;

/** One that nobody has used lately, so that all its ports are free. No customer's: theirs begin with 127.1 and 127.2. */
function attackerAddress(): string | undefined {
  return process.platform === "linux" ? `127.66.${randomInt(1, 255)}.${randomInt(1, 255)}` : undefined;
}

/** One address orders thousands of coffees in one go, without any key, and waits for those it gets. */
export function attack(counters: readonly string[], count = attackSize): Attack {
  const orders = JSON.stringify({ counters, count, address: attackerAddress() });
  const attacker = fork(fileURLToPath(new URL("./attacker.ts", import.meta.url)), [orders]);
  const failed = once(attacker, "exit").then(([code, signal]) => {
    throw new Error(`The attacker ended with ${signal ?? `code ${code}`} before it told what became of it.`);
  });
  const result = Promise.race([once(attacker, "message").then(([told]) => told as AttackResult), failed]);
  // An attacker who fails must not end the rush; `end` tells of it.
  result.catch(() => undefined);
  return {
    end: async () => {
      // Whose last connection was cut has gone already, and has told; a message that comes too late is no failure.
      if (attacker.connected) attacker.send("end", () => undefined);
      try {
        return await result;
      } finally {
        attacker.kill("SIGKILL");
      }
    },
  };
}
