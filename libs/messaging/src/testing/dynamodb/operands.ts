import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type Item, typed } from "./attribute-values.ts";
import { validation } from "./exceptions.ts";
import { reservedWords } from "./reserved-words.ts";
import type { Tokens } from "./tokens.ts";

/** The item and the values that an expression is evaluated with. */
export interface Scope {
  readonly item: Item;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
}

export type Operand = (scope: Scope) => AttributeValue | undefined;

/** A document path: attribute names (or their aliases) and list indexes. */
export type Path = readonly (string | number)[];

/** `#a.b[0]` */
export function parsePath(tokens: Tokens): Path {
  const path: (string | number)[] = [attributeName(tokens)];
  for (;;) {
    if (tokens.skip(".")) path.push(attributeName(tokens));
    else if (tokens.skip("[")) {
      path.push(Number(tokens.take()));
      tokens.expect("]");
    } else return path;
  }
}

function attributeName(tokens: Tokens): string {
  const name = tokens.take();
  if (!/^#?\w+$/.test(name)) throw tokens.error(name);
  if (reservedWords.has(name.toLowerCase())) {
    throw validation(`Invalid expression: Attribute name is a reserved keyword; reserved keyword: ${name}`);
  }
  return name;
}

/** `:value`, `size(path)` or a path. */
export function parseOperand(tokens: Tokens): Operand {
  if (tokens.peek().startsWith(":")) return parseValue(tokens);
  if (tokens.peek().toLowerCase() === "size" && tokens.peek(1) === "(") {
    tokens.take();
    tokens.expect("(");
    const path = parsePath(tokens);
    tokens.expect(")");
    return (scope) => sizeOf(lookUp(scope, path));
  }
  const path = parsePath(tokens);
  return (scope) => lookUp(scope, path);
}

export function parseValue(tokens: Tokens): Operand {
  const name = tokens.take();
  if (!name.startsWith(":")) throw tokens.error(name);
  return ({ values }) => {
    const value = values[name];
    if (value === undefined) {
      throw validation(`An expression attribute value used in expression is not defined; attribute value: ${name}`);
    }
    return value;
  };
}

/** Resolves an alias to the attribute's name. */
export function resolved(name: string, { names }: Pick<Scope, "names">): string {
  if (!name.startsWith("#")) return name;
  const own = names[name];
  if (own === undefined) {
    throw validation(`An expression attribute name used in the document path is not defined; attribute name: ${name}`);
  }
  return own;
}

export function lookUp(scope: Scope, path: Path): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: scope.item };
  for (const step of path) {
    value = typeof step === "number" ? value?.L?.[step] : value?.M?.[resolved(step, scope)];
  }
  return value;
}

function sizeOf(value: AttributeValue | undefined): AttributeValue | undefined {
  if (value === undefined) return undefined;
  const [type, content] = typed(value);
  if (type === "S") return { N: String(Buffer.byteLength(String(content))) };
  if (content instanceof Uint8Array || Array.isArray(content)) return { N: String(content.length) };
  return type === "M" ? { N: String(Object.keys(value.M ?? {}).length) } : undefined;
}
