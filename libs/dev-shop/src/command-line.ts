import { parseArgs } from "node:util";
import { portVariable, type ShopDefinition } from "@doubleshot/shop";
import type { OtherPort, PortSetting } from "./shop-settings.ts";

/** A wrong argument or variable: exit code 2. The message is one sentence with the remedy. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly exitSentence = true;
}

export interface StartCommand {
  readonly help: boolean;
  readonly fresh: boolean;
  readonly verbose: boolean;
  /** Callers need access tokens. */
  readonly auth: boolean;
  /** Folder for data and logs. */
  readonly data: string;
  /** By the names of the shop's services. */
  readonly services: Readonly<Record<string, { readonly count: number; readonly port: PortSetting }>>;
  readonly ports: Readonly<Record<OtherPort, PortSetting>>;
}

const defaultPorts = { dynamodb: 9710, messaging: 9711, admin: 8001 } as const;

/** In the folder where `npm start` runs. */
export const defaultDataFolder = ".doubleshot";

const maxProcesses = 20;

export function helpText({ services }: ShopDefinition): string {
  const names = Object.keys(services);
  const [first = "<service>", ...others] = names;
  const likewise = others.map((name) => `--${name}`).join(", ");
  const options = [
    ["", "open the shop where it was closed"],
    ["--fresh", "delete the data of before first"],
    [`--${first} 2`, `two processes of ${first}${likewise && ` (${likewise} likewise)`}; the second gets a free port`],
    ["--data folder", `keep data and logs there (default: ${defaultDataFolder})`],
    ["--auth", "callers need access tokens, as npm run token makes them"],
    ["--verbose", "show the services' logs here as well"],
  ] as const;
  const ports = [
    ...Object.values(services).map(({ name, port }) => `${portVariable(name)} (${port})`),
    ...Object.entries(defaultPorts).map(([name, port]) => `${portVariable(name)} (${port})`),
  ];
  return `Opens the coffee shop on this machine: ${names.join(", ")}, and an embedded AWS.

${options.map(([option, meaning]) => `  npm start ${(option && `-- ${option}`).padEnd(18)} ${meaning}`).join("\n")}

Ports, where 0 is a free one: ${ports.join(", ")}.
Where there is no dynoxide, AWS_ENDPOINT_URL_DYNAMODB names the DynamoDB to use.
Every other variable reaches the services, for example LOG_LEVEL=debug npm start.
Exit codes: 0 closed, 1 failed, 2 usage error, 130 killed by a second Ctrl-C.
`;
}

/** Reads arguments and ports. @throws UsageError for an unknown or a wrong one */
export function readCommand(
  { services }: ShopDefinition,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): StartCommand {
  const names = Object.keys(services);
  const { values, counts } = parse(args, names);
  const port = (name: string, fallback: number): PortSetting => {
    const setting = portVariable(name);
    return { port: wholeNumber(env[setting] || String(fallback), setting, 0, 65_535), setting };
  };
  return {
    ...values,
    services: Object.fromEntries(
      Object.values(services).map(({ name, port: usual }) => [
        name,
        { count: wholeNumber(counts.get(name) ?? "1", `--${name}`, 1, maxProcesses), port: port(name, usual) },
      ]),
    ),
    ports: {
      dynamodb: port("dynamodb", defaultPorts.dynamodb),
      messaging: port("messaging", defaultPorts.messaging),
      admin: port("admin", defaultPorts.admin),
    },
  };
}

const options = {
  help: { type: "boolean", short: "h", default: false },
  fresh: { type: "boolean", default: false },
  verbose: { type: "boolean", default: false },
  auth: { type: "boolean", default: false },
  data: { type: "string", default: defaultDataFolder },
} as const;

/** The options of every shop, and the number of processes by the names of this shop's services. */
function parse(args: readonly string[], services: readonly string[]) {
  const counts = Object.fromEntries(services.map((name) => [name, { type: "string" } as const]));
  try {
    const { values } = parseArgs({ args: [...args], options: { ...counts, ...options } });
    const { help, fresh, verbose, auth, data, ...numbers } = values;
    return { values: { help, fresh, verbose, auth, data }, counts: new Map<string, unknown>(Object.entries(numbers)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(/[.]\s/)[0] : String(error);
    throw new UsageError(`${reason}: npm start -- --help lists the options.`);
  }
}

function wholeNumber(value: unknown, name: string, min: number, max: number): number {
  const text = String(value);
  const number = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max)) {
    throw new UsageError(`${name} is ${JSON.stringify(text)}: give a whole number from ${min} to ${max}.`);
  }
  return number;
}
