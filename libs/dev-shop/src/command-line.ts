import { parseArgs } from "node:util";
import type { PortName, ShopPorts } from "./supervisor.ts";

/** A wrong argument or variable: exit code 2. The message is one sentence that says how to type it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly exitSentence = true;
}

export interface StartCommand {
  readonly help: boolean;
  readonly fresh: boolean;
  readonly verbose: boolean;
  readonly orders: number;
  readonly barista: number;
  /** Folder for data and logs. */
  readonly data: string;
  readonly ports: ShopPorts;
}

export const help = `Opens the coffee shop on this machine: orders, barista, and an embedded AWS.

  npm start                    open the shop; what was ordered before is still there
  npm start -- --fresh         forget what was ordered before
  npm start -- --orders 2      so many orders processes (--barista likewise); the further ones get free ports
  npm start -- --data folder   keep data and logs there (default: .doubleshot)
  npm start -- --verbose       show the services' logs here as well

Ports: ORDERS_PORT (9702), BARISTA_PORT (9703), ADMIN_PORT (8001), DYNAMODB_PORT (9710), MESSAGING_PORT (9711); 0 is a
free one. Where there is no dynoxide, AWS_ENDPOINT_URL_DYNAMODB names the DynamoDB to use. Every other variable reaches the services, for example LEASE_SECONDS=60 npm start.
Exit codes: 0 closed, 1 failed, 2 typed wrong, 130 killed by a second Ctrl-C.
`;

/** The environment variable that moves each port. */
export const portVariables = {
  orders: "ORDERS_PORT",
  barista: "BARISTA_PORT",
  admin: "ADMIN_PORT",
  dynamodb: "DYNAMODB_PORT",
  messaging: "MESSAGING_PORT",
} as const satisfies Record<PortName, string>;

/** Reads arguments and ports. Throws `UsageError` on what it does not know. */
export function readCommand(args: readonly string[], env: NodeJS.ProcessEnv): StartCommand {
  const values = parse(args);
  const port = (name: PortName, usual: number) =>
    wholeNumber(env[portVariables[name]] || String(usual), portVariables[name], 0, 65_535);
  return {
    help: values.help,
    fresh: values.fresh,
    verbose: values.verbose,
    orders: wholeNumber(values.orders, "--orders", 1, 20),
    barista: wholeNumber(values.barista, "--barista", 1, 20),
    data: values.data,
    ports: {
      orders: port("orders", 9702),
      barista: port("barista", 9703),
      admin: port("admin", 8001),
      dynamodb: port("dynamodb", 9710),
      messaging: port("messaging", 9711),
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h", default: false },
        fresh: { type: "boolean", default: false },
        verbose: { type: "boolean", default: false },
        orders: { type: "string", default: "1" },
        barista: { type: "string", default: "1" },
        data: { type: "string", default: ".doubleshot" },
      },
    }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(/[.]\s/)[0] : String(error);
    throw new UsageError(`${reason}: npm start -- --help lists what there is.`);
  }
}

function wholeNumber(text: string, name: string, least: number, most: number): number {
  const number = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most)) {
    throw new UsageError(`${name} is ${JSON.stringify(text)}: give a whole number from ${least} to ${most}.`);
  }
  return number;
}
