import { isUriReference } from "./uri-reference.ts";

/*
 * Options are checked once, when a function receives them. A wrong option is a bug of the caller. A call to AWS with it would
 * fail later, look like an outage and be retried.
 */

/** Values that an option may have. `allowed` completes the sentence "give it ...". */
export interface Rule {
  readonly allowed: string;
  holds(value: unknown): boolean;
  /** The rules for the options inside it. */
  readonly inside?: Rules<Record<string, unknown>>;
}

/** A rule for every option: a new option without a rule does not compile. */
export type Rules<Options> = { readonly [Name in keyof Required<Options>]: Rule };

/**
 * @throws TypeError naming the function, the option, its value and what is allowed:
 * `poll's queueUrl is "": give it the URL of the queue, with http or https.`
 */
export function checkOptions<Options>(where: string, options: Options, rules: Rules<Options>): void {
  check(where, "options", anObject, options);
  checkInside(where, "", options as object, rules as Rules<Record<string, unknown>>);
}

function checkInside(where: string, path: string, options: object, rules: Rules<Record<string, unknown>>): void {
  for (const [name, rule] of Object.entries(rules)) {
    const value = (options as Record<string, unknown>)[name];
    check(where, `${path}${name}`, rule, value);
    if (rule.inside && value !== undefined) checkInside(where, `${path}${name}.`, value as object, rule.inside);
  }
}

function check(where: string, option: string, { allowed, holds }: Rule, value: unknown): void {
  if (!holds(value)) throw new TypeError(`${where}'s ${option} is ${shown(value)}: give it ${allowed}.`);
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 300 ? `${value.slice(0, 300)}...` : value);
  if (typeof value === "function") return "a function";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

export function optional({ allowed, holds, ...rest }: Rule): Rule {
  return { ...rest, allowed: `${allowed}, or leave it out`, holds: (value) => value === undefined || holds(value) };
}

/** Allows an object, and checks the options inside it. */
export function group<Options>(rules: Rules<Options>): Rule {
  return { ...anObject, inside: rules as Rules<Record<string, unknown>> };
}

export const anObject: Rule = {
  allowed: "an object",
  holds: (value) => typeof value === "object" && value !== null,
};

export const callback: Rule = { allowed: "a function", holds: (value) => typeof value === "function" };

export const abortSignal: Rule = { allowed: "an AbortSignal", holds: (value) => value instanceof AbortSignal };

/** Allows an object that has these methods. */
export function having(allowed: string, ...methods: string[]): Rule {
  return {
    allowed,
    holds: (value) =>
      (typeof value === "object" || typeof value === "function") &&
      value !== null &&
      methods.every((method) => typeof (value as Record<string, unknown>)[method] === "function"),
  };
}

export const claimCheckStore = having("an object with the methods put and get", "put", "get");

export const metricsSink = having("an object with a method record", "record");

export function oneOf(...values: string[]): Rule {
  return {
    allowed: values.map((value) => `"${value}"`).join(" or "),
    holds: (value) => values.includes(String(value)),
  };
}

export function wholeNumber(unit: string, min: number, max = Number.MAX_SAFE_INTEGER): Rule {
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max.toLocaleString("en")}`;
  return {
    allowed: `a whole number of ${unit} ${range}`,
    holds: (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
  };
}

/** A number, whole or not, within the bounds. */
export function amount(unit: string, { above, max }: { readonly above: number; readonly max: number }): Rule {
  return {
    allowed: `a number of ${unit} above ${above}, at most ${max.toLocaleString("en")}`,
    holds: (value) => typeof value === "number" && value > above && value <= max,
  };
}

/** Allows `Infinity`, for an endless wait. */
export const milliseconds: Rule = {
  allowed: "a number of milliseconds from 0",
  holds: (value) => typeof value === "number" && value >= 0,
};

/** Allows text that matches as a whole. */
export function text(allowed: string, pattern: RegExp): Rule {
  return { allowed, holds: (value) => typeof value === "string" && pattern.test(value) };
}

/** Rejects only a missing value, because the option may be a placeholder, such as a token of the CDK. */
export function present(allowed: string): Rule {
  return { allowed, holds: (value) => value !== undefined && value !== null && value !== "" };
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
export const tableName = text(
  "the name of a DynamoDB table (3 to 255 letters, digits, dots, dashes and underscores) or its ARN",
  /^(?:[\w.-]{3,255}|arn:[^:]+:dynamodb:[^:]*:\d*:table\/[\w.-]{3,255})$/,
);

export const topicArn = text(
  "the ARN of an SNS topic, such as arn:aws:sns:eu-central-1:123456789012:orders-events.fifo",
  /^arn:[^:]+:sns:[^:]*:[^:]*:[\w.-]{1,256}$/,
);

export const queueUrl: Rule = {
  allowed: "the URL of the queue, with http or https",
  holds: (value) => typeof value === "string" && /^https?:/.test(value) && URL.canParse(value),
};

/** The source is a message attribute beside the type, and a batch allows 512 bytes for both, see `publish-batches.ts`. */
const maxSourceLength = 256;

export const source: Rule = {
  allowed: `a URI reference of 1 to ${maxSourceLength} characters, such as /shop/orders or https://shop.example/orders`,
  holds: (value) => typeof value === "string" && value.length <= maxSourceLength && isUriReference(value),
};
