/**
 * Turns settings in the shape of AWS's API into properties of an L1 construct: names begin with a lower-case letter, and the
 * texts `true`, `false` and whole numbers, which SQS and SNS have in their API, become booleans and numbers.
 */
export function fromApi<Props>(settings: object): Props {
  return converted(settings) as Props;
}

function converted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(converted);
  if (typeof value === "string") return /^(true|false|\d+)$/.test(value) ? JSON.parse(value) : value;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => [lowerFirst(name), converted(each)]);
  return Object.fromEntries(entries);
}

function lowerFirst(name: string): string {
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}
