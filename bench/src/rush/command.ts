import { parseArgs } from "node:util";

/** The rush cannot begin, for example because the shop does not answer. The message is one sentence with the remedy. */
export class RushRefusedError extends Error {
  override readonly name: string = "RushRefusedError";
}

/** A wrong argument or variable: exit code 2. */
export class RushUsageError extends RushRefusedError {
  override readonly name = "RushUsageError";
}

export interface RushCommand {
  readonly help: boolean;
  readonly customers: number;
  readonly baristas: number;
  /** Brew times of 30-60 s are divided by this. */
  readonly speed: number;
  /** Processes of orders in a shop that the rush opens itself. Undefined: use a running shop if there is one. */
  readonly instances: number | undefined;
  /** Folder of the open shop; undefined: the shop is found by its addresses. */
  readonly data: string | undefined;
  readonly seed: number;
  /** An attacker orders thousands of coffees from one address meanwhile. */
  readonly attacker: boolean;
  /** Number of calm rushes, and of attacked ones. */
  readonly rounds: number;
  /** Processes of the shop are killed meanwhile. */
  readonly kill: boolean;
}

export const help = `A rush hour: customers who order all at once and wait, and baristas who brew.

  npm run rush -- [options]

  --customers 200   how many, each from a source address of their own in 127.0.0.0/8
  --baristas 10     how many
  --speed 60        a brew takes 30-60 s divided by this
  --seed 1          brew times and drinks are the same for the same seed
  --data folder     go to the shop that npm start -- --data folder has opened
  --instances 2     open a shop for the rush, with so many orders processes
  --attacker        5,000 orders in one go from one address: rushes without them and with them by turns, and one with
                    them in which all customers share an address, each in a shop opened for it
  --rounds 3        how many of either, to compare their medians
  --kill            kill -9 one process of the shop after another, the embedded AWS included, in a shop opened for it

Without --instances it goes to the shop that is open: the one at ORDERS_URL and BARISTA_URL (several, with commas between
them), or the one that npm start opened here. When there is none, it opens one in memory. Where the bar asks for tokens,
BARISTA_TOKEN is the baristas' one; the customers are guests.

Exit code 0 when every customer got exactly one 200 with their own order, 1 when not; and 1 when the attacker made
customers wait more than 10 % longer (p95), if that is beyond what rushes differ by on this machine anyway; 2 when an
argument is wrong. Ctrl-C ends the rush with its report, and with 130.
`;

/** Reads the arguments. @throws RushUsageError for an unknown argument or a wrong value */
export function readCommand(args: readonly string[]): RushCommand {
  const values = parse(args);
  return {
    help: values.help,
    customers: number(values.customers, "--customers", { min: 1, max: 20_000 }),
    baristas: number(values.baristas, "--baristas", { min: 1, max: 1_000 }),
    speed: number(values.speed, "--speed", { min: 0.1, max: 100_000, whole: false }),
    instances:
      values.instances === undefined ? undefined : number(values.instances, "--instances", { min: 1, max: 10 }),
    data: values.data,
    seed: number(values.seed, "--seed", { min: 0, max: 2 ** 32 - 1 }),
    attacker: values.attacker,
    rounds: number(values.rounds, "--rounds", { min: 1, max: 100 }),
    kill: values.kill,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h", default: false },
        customers: { type: "string", default: "200" },
        baristas: { type: "string", default: "10" },
        speed: { type: "string", default: "60" },
        instances: { type: "string" },
        data: { type: "string" },
        seed: { type: "string", default: "1" },
        attacker: { type: "boolean", default: false },
        rounds: { type: "string", default: "3" },
        kill: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(/[.]\s/)[0] : String(error);
    throw new RushUsageError(`${reason}: npm run rush -- --help lists what there is.`);
  }
}

function number(text: string, name: string, bounds: { min: number; max: number; whole?: boolean }): number {
  const { min, max, whole = true } = bounds;
  const value = /^\d{1,10}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max) || (whole && !Number.isInteger(value))) {
    const kind = whole ? "whole number" : "number";
    throw new RushUsageError(`${name} is ${JSON.stringify(text)}: give a ${kind} from ${min} to ${max}.`);
  }
  return value;
}
