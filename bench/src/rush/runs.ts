import { type Attack, type AttackResult, attack } from "./attack.ts";
import type { RushCommand } from "./command.ts";
import type { RushShop } from "./find-shop.ts";
import { kill } from "./killer.ts";
import { rushHour } from "./rush-hour.ts";
import { seededRandom } from "./seeded-random.ts";
import type { Result, Tally } from "./tally.ts";

/** One rush of a command that may mean several, to compare them. */
export interface Run {
  readonly title: string;
  readonly attacker: boolean;
  /** All customers share an address. */
  readonly oneAddress: boolean;
}

export interface RunResult extends Result {
  readonly oneAddress: boolean;
  readonly attack?: AttackResult;
  /** How often which process was killed. */
  readonly killed?: Readonly<Record<string, number>>;
}

/** With an attacker, the same rush without them comes first. Where processes are killed, there is nothing to compare. */
export function runsOf({ attacker, kill }: RushCommand): Run[] {
  const plain = { title: "", attacker, oneAddress: false };
  if (!attacker || kill) return [plain];
  return [
    { title: "without the attacker", attacker: false, oneAddress: false },
    { title: "with the attacker", attacker: true, oneAddress: false },
    { title: "with the attacker, and all customers at one address", attacker: true, oneAddress: true },
  ];
}

export async function runRush(
  command: RushCommand,
  { attacker, oneAddress }: Run,
  shop: RushShop,
  show: (progress: Tally["progress"]) => void,
  stop: AbortSignal,
): Promise<RunResult> {
  const attacking: Attack | undefined = attacker ? attack(shop.orders) : undefined;
  const killing = command.kill ? kill(shop.processes, seededRandom(command.seed)) : undefined;
  let result: Result;
  try {
    result = await rushHour({ ...command, oneAddress }, shop, show, stop);
  } finally {
    await killing?.end();
  }
  const killed = await killing?.end();
  const attacked = await attacking?.end();
  return { ...result, oneAddress, ...(attacked ? { attack: attacked } : {}), ...(killed ? { killed } : {}) };
}
