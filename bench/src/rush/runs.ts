import type { RushCommand } from "./command.ts";
import { type Attack, type AttackResult, attack } from "./faults/attack.ts";
import { kill } from "./faults/killer.ts";
import type { RushShop } from "./find-shop.ts";
import type { Scoreboard } from "./results/scoreboard.ts";
import { type RushResult, rushHour } from "./rush-hour.ts";
import { seededRandom } from "./seeded-random.ts";

/** One rush of a command. A command with an attacker has several, to compare them. */
export interface Run {
  readonly title: string;
  readonly attacker: boolean;
  /** All customers share an address. */
  readonly hasOneAddress: boolean;
}

export interface RunResult extends RushResult {
  readonly hasOneAddress: boolean;
  readonly attack?: AttackResult;
  /** Number of kills by process. */
  readonly killed?: Readonly<Record<string, number>>;
}

/**
 * Lists the rushes of a command. With an attacker, calm and attacked rushes take turns, so that other load on the machine
 * affects both kinds, and each kind comes first equally often. Rushes with kills are not compared, so there is only one.
 */
export function runsOf({ attacker, kill, rounds }: Pick<RushCommand, "attacker" | "kill" | "rounds">): Run[] {
  if (!attacker || kill) return [{ title: "", attacker, hasOneAddress: false }];
  const turns = Array.from({ length: rounds }, (_, round) => {
    const of = rounds === 1 ? "" : ` (${round + 1} of ${rounds})`;
    const calm = { title: `without the attacker${of}`, attacker: false, hasOneAddress: false };
    const attacked = { title: `with the attacker${of}`, attacker: true, hasOneAddress: false };
    return round % 2 === 0 ? [calm, attacked] : [attacked, calm];
  });
  return [
    ...turns.flat(),
    { title: "with the attacker, and all customers at one address", attacker: true, hasOneAddress: true },
  ];
}

export async function runRush(
  command: RushCommand,
  { attacker, hasOneAddress }: Run,
  shop: RushShop,
  show: (progress: Scoreboard["progress"]) => void,
  stop: AbortSignal,
): Promise<RunResult> {
  const attacking: Attack | undefined = attacker ? attack(shop.orders) : undefined;
  const killing = command.kill ? kill(shop.processes, seededRandom(command.seed)) : undefined;
  let result: RushResult;
  try {
    result = await rushHour({ ...command, hasOneAddress }, shop, show, stop);
  } finally {
    await killing?.end();
  }
  const killed = await killing?.end();
  const attacked = await attacking?.end();
  return { ...result, hasOneAddress, ...(attacked ? { attack: attacked } : {}), ...(killed ? { killed } : {}) };
}
