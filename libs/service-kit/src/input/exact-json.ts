/** The first value in a JSON text that parsing would change. */
export interface InexactValue {
  /** Keys and indices from the root. */
  readonly path: readonly (string | number)[];
  /** A clause that names the change and the remedy. */
  readonly detail: string;
}

/** An object or array that the scan is inside of: the object's names so far, or the array's index. */
interface Level {
  readonly names?: Set<string>;
  isAtName: boolean;
  step: string | number;
}

/**
 * Finds a value that would change silently when JavaScript parses it. Reads the text, because the parsed value has lost
 * the original:
 * - a name given twice in one object: the last one would win
 * - the name `__proto__`, which assignments take for the prototype
 * - half a surrogate pair, which has no UTF-8 form
 * - a number that a double cannot represent exactly
 *
 * The order of an object's names may change. `json` must be valid JSON.
 */
export function firstInexact(json: string): InexactValue | undefined {
  const levels: Level[] = [{ isAtName: false, step: "" }];
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[-\d][-+.\deE]*|[{}[\],:]/g)) {
    const detail = enter(token, levels);
    if (detail !== undefined) return { path: levels.slice(1).map(({ step }) => step), detail };
  }
  return undefined;
}

function enter(token: string, levels: Level[]): string | undefined {
  const level = levels.at(-1);
  if (level === undefined) return undefined;
  switch (token[0]) {
    case "{":
      levels.push({ names: new Set(), isAtName: true, step: "" });
      return undefined;
    case "[":
      levels.push({ isAtName: false, step: 0 });
      return undefined;
    case "}":
    case "]":
      levels.pop();
      return undefined;
    case ",":
      level.isAtName = level.names !== undefined;
      if (typeof level.step === "number") level.step += 1;
      return undefined;
    case ":":
      level.isAtName = false;
      return undefined;
    case '"':
      return inString(JSON.parse(token), level);
    default:
      return inNumber(token);
  }
}

function inString(text: string, level: Level): string | undefined {
  if (level.names !== undefined && level.isAtName) {
    level.step = text;
    if (text === "__proto__") return "the name __proto__ cannot be kept; choose another";
    if (level.names.has(text)) return "the name is given twice in one object; give it once";
    level.names.add(text);
  }
  return text.isWellFormed() ? undefined : "it holds half a surrogate pair; send whole characters";
}

function inNumber(source: string): string | undefined {
  const value = Number(source);
  if (!/[1-9]/.test(source.split(/e/i, 1)[0] ?? ""))
    return source.startsWith("-") ? "-0 cannot be kept; send 0" : undefined;
  if (!Number.isFinite(value)) return "a number this large cannot be kept; send it as a string";
  if (value === 0) return "a number this close to 0 cannot be kept; send it as a string";
  if (decimal(source) === decimal(String(value))) return undefined;
  return `a double would make it ${value}; send that number, or a string`;
}

/** The same text for the same decimal number, however it is written: `12.50` and `1.25e1` are `125e-1`. Not for 0. */
function decimal(text: string): string {
  const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = whole + fraction;
  // By hand: an expression for trailing zeros takes quadratic time on zeros before a last digit.
  let end = digits.length;
  while (digits[end - 1] === "0") end -= 1;
  const significant = digits.slice(0, end).replace(/^(-?)0+/, "$1");
  return `${significant}e${Number(exponent) - fraction.length + digits.length - end}`;
}
