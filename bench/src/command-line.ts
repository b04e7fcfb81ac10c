import { parseArgs } from "node:util";

type Numbers<Name extends string> = Readonly<Record<Name, { readonly least: number; readonly usual: number }>>;
type Values<Name extends string, Text extends string> = Record<Name, number> & Partial<Record<Text, string>>;

/**
 * The arguments of a measuring script, by the names of their flags: whole numbers, each with a least value and its usual
 * one, and texts. A wrong argument ends the process with one sentence and exit code 2.
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
      const { least, usual } = numbers[name];
      return [name, wholeNumber(name, String(values[name] ?? usual), least)];
    });
    return { ...values, ...Object.fromEntries(given) };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(/[.]\s/)[0] : String(error);
    const known = [...names, ...texts].map((name) => `--${name}`).join(", ");
    process.stderr.write(`${reason}: ${script} takes ${known || "no arguments"}.\n`);
    process.exit(2);
  }
}

function wholeNumber(name: string, text: string, least: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`--${name} is ${JSON.stringify(text)}, and not a whole number of at least ${least}`);
}
