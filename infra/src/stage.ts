/** A setting of the deployment is missing or wrong. The message is one sentence that says what to give. */
export class SettingError extends Error {
  override readonly name = "SettingError";
  readonly exitSentence = true;
}

/** The settings that differ between the stages of a shop. */
interface Stage {
  /** Tables, buckets and keys outlive their stacks, and nothing deletes them by mistake. */
  readonly keepsData: boolean;
  /** Gateways to the internet. Two survive the loss of a zone; each costs about 35 USD a month. */
  readonly natGateways: 1 | 2;
  /** Tasks of each service. */
  readonly tasks: { readonly min: number; readonly max: number };
  /** CPU units (1,024 are one core) and MiB of a task. */
  readonly task: { readonly cpu: number; readonly memory: number };
  /** How long callers that wait at a task may still wait after it has left the load balancer. */
  readonly drainSeconds: number;
}

export const stages = {
  test: {
    keepsData: false,
    natGateways: 1,
    tasks: { min: 1, max: 2 },
    task: { cpu: 256, memory: 512 },
    drainSeconds: 30,
  },
  staging: {
    keepsData: true,
    natGateways: 1,
    tasks: { min: 2, max: 4 },
    task: { cpu: 512, memory: 1_024 },
    drainSeconds: 300,
  },
  production: {
    keepsData: true,
    natGateways: 2,
    tasks: { min: 2, max: 20 },
    // A process with 20,000 waiting callers has about 700 MB.
    task: { cpu: 1_024, memory: 2_048 },
    drainSeconds: 900,
  },
} as const satisfies Readonly<Record<string, Stage>>;

export type StageName = keyof typeof stages;

export interface Settings extends Stage {
  readonly stage: StageName;
  /** Prefix of all resources, the variable SHOP of all processes: `doubleshot-test`. */
  readonly shop: string;
  /** ARN of the load balancer's certificate. Without one, it serves plain HTTP. */
  readonly certificate: string | undefined;
  /** The name that the certificate is for. Services load the keys of tokens from there, and TLS checks the name. */
  readonly domain: string | undefined;
  /** Tag of the services' images in ECR. Without one, a deployment builds and pushes them. */
  readonly images: string | undefined;
  /** Address that gets the alarms. */
  readonly alarmEmail: string | undefined;
  /** URL to which processes and relays send their spans (OTLP by HTTP). Without one, there are no traces. */
  readonly collector: string | undefined;
  /** Share of the traces that are recorded, from 0 to 1. */
  readonly traceRatio: string;
}

const names = ["stage", "certificate", "domain", "images", "alarmEmail", "collector", "traceRatio"] as const;
type ContextName = (typeof names)[number];

const certificateArn = /^arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/;
const domainName = /^(?=.{1,253}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+$/;
const imageTag = /^[\w][\w.-]{0,127}$/;
const url = /^https?:\/\/[\w.-]+(:\d{1,5})?(\/[\w./-]*)?$/;
const share = /^(0(\.\d+)?|1(\.0+)?)$/;
const email = /^[^\s@]+@[^\s@]+$/;

/**
 * Reads the context values of the deployment (`-c name=value`). Without a stage, it is `test`: a forgotten flag never changes a
 * shop that is in use.
 *
 * @throws SettingError: one sentence that names the value
 */
export function readSettings(shop: string, context: Readonly<Record<string, unknown>>): Settings {
  const stage = context.stage ?? "test";
  if (typeof stage !== "string" || !Object.hasOwn(stages, stage)) {
    throw new SettingError(`There is no stage ${JSON.stringify(stage)}: give -c stage=${listed(Object.keys(stages))}.`);
  }
  const name = stage as StageName;
  const checked = (variable: ContextName, format: RegExp, example: string, required: boolean) => {
    const value = context[variable];
    if (value === undefined && required) {
      throw new SettingError(`Stage ${name} needs -c ${variable}=..., such as ${example}.`);
    }
    if (value === undefined) return undefined;
    if (typeof value === "string" && format.test(value)) return value;
    throw new SettingError(`The ${variable} is ${JSON.stringify(value)}: give one such as ${example}.`);
  };
  const serves = name !== "test";
  const arn = "arn:aws:acm:eu-central-1:123456789012:certificate/0b1c";
  return {
    ...stages[name],
    stage: name,
    shop: `${shop}-${name}`,
    certificate: checked("certificate", certificateArn, arn, serves),
    domain: checked("domain", domainName, "shop.example.com", serves),
    images: checked("images", imageTag, "1.4.0", false),
    alarmEmail: checked("alarmEmail", email, "operators@example.com", serves),
    collector: checked("collector", url, "https://otlp.example.com:4318", false),
    traceRatio: checked("traceRatio", share, "0.01", false) ?? "1",
  };
}

/**
 * Reads arguments `name=value`.
 *
 * @throws SettingError for a name that means nothing here: a misspelt `stage` would otherwise be the default
 */
export function readContext(values: readonly string[]): Record<string, string> {
  const pairs = values.map((text) => {
    const [name = "", ...value] = text.split("=");
    if (!names.some((each) => each === name) || value.join("=") === "") {
      throw new SettingError(`There is no setting ${JSON.stringify(text)}: give -c name=value, with ${listed(names)}.`);
    }
    return [name, value.join("=")];
  });
  return Object.fromEntries(pairs);
}

const listed = (all: readonly string[]): string => `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
