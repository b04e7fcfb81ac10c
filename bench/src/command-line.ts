import { parseArgs } from "node:util";

type Numbers<Name extends string> = Readonly<Record<Name, { readonly min: number; readonly default: number }>>;
type Values<Name extends string, Text extends string> = Record<Name, number> & Partial<Record<Text, string>>;

/**
 * Reads the arguments of a measuring script, by the names of their flags: whole numbers, each with a minimum and a default,
 * and texts. A wrong argument ends the process with one sentence and exit code 2.
 */
export function readArguments<const Name extends string = never, const Text extends string = never>(
  script: string,
  numbers = {} as Numbers<Name>,
  texts: readonly Text[] = [],
): Values<Name, Text> {
  const names = Object.keys(numbers) as Name[];
  try {
    const options = Object.fromEntries([...names, ...texts].map((name) => [name, { type: "string" as const }]));
    const { values } = parseArgs({ options });
    const given = names.map((name) => {
      const { min, default: fallback } = numbers[name];
      return [name, wholeNumber(name, String(values[name] ?? fallback), min)];
    });
    return { ...values, ...Object.fromEntries(given) };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(/[.]\s/)[0] : String(error);
    const known = [...names, ...texts].map((name) => `--${name}`).join(", ");
    process.stderr.write(`${reason}: ${script} takes ${known || "no arguments"}.\n`);
    process.exit(2);
  }
}

function wholeNumber(name: string, text: string, min: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= min) return Number(text);
  throw new Error(`--${name} is ${JSON.stringify(text)}, and not a whole number of at least ${min}`);
}
