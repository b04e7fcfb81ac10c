import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type Item, typed } from "./attribute-values.ts";
import { validation } from "./exceptions.ts";
import { lookUp, type Operand, type Path, parsePath, parseValue, resolved, type Scope } from "./operands.ts";
import type { Tokens } from "./tokens.ts";

/** Changes `target`, a copy of the scope's item. It reads the item before the update. */
export type Change = (scope: Scope, target: Item) => void;

/** `SET a = :a, b = b + :one REMOVE c ADD d :d DELETE e :e` */
export function parseUpdate(tokens: Tokens): Change {
  const changes: Change[] = [];
  while (!tokens.ended) {
    const parseAction = actions[tokens.take().toUpperCase()];
    if (parseAction === undefined) throw tokens.error(tokens.peek());
    do changes.push(parseAction(tokens));
    while (tokens.skip(","));
  }
  return (scope, target) => {
    for (const change of changes) change(scope, target);
  };
}

const actions: Readonly<Record<string, (tokens: Tokens) => Change>> = {
  SET: (tokens) => {
    const path = parsePath(tokens);
    tokens.expect("=");
    const operand = parseSum(tokens);
    return (scope, target) => put(scope, target, path, required(operand(scope)));
  },
  REMOVE: (tokens) => {
    const path = parsePath(tokens);
    return (scope, target) => put(scope, target, path, undefined);
  },
  ADD: (tokens) => {
    const path = parsePath(tokens);
    const operand = parseValue(tokens);
    return (scope, target) => put(scope, target, path, added(lookUp(scope, path), required(operand(scope))));
  },
  DELETE: (tokens) => {
    const path = parsePath(tokens);
    const operand = parseValue(tokens);
    return (scope, target) => put(scope, target, path, without(lookUp(scope, path), required(operand(scope))));
  },
};

function parseSum(tokens: Tokens): Operand {
  const left = parseTerm(tokens);
  const sign = tokens.peek();
  if (sign !== "+" && sign !== "-") return left;
  tokens.take();
  const right = parseTerm(tokens);
  return (scope) => {
    const [a, b] = [number(left(scope)), number(right(scope))];
    return { N: String(sign === "+" ? a + b : a - b) };
  };
}

function parseTerm(tokens: Tokens): Operand {
  const word = tokens.peek().toLowerCase();
  if (word.startsWith(":")) return parseValue(tokens);
  if (tokens.peek(1) === "(" && (word === "if_not_exists" || word === "list_append")) {
    tokens.take();
    tokens.expect("(");
    const first = parseTerm(tokens);
    tokens.expect(",");
    const second = parseTerm(tokens);
    tokens.expect(")");
    if (word === "if_not_exists") return (scope) => first(scope) ?? second(scope);
    return (scope) => ({ L: [...list(first(scope)), ...list(second(scope))] });
  }
  const path = parsePath(tokens);
  return (scope) => lookUp(scope, path);
}

function put(scope: Scope, target: Item, path: Path, value: AttributeValue | undefined): void {
  const steps = path.map((step) => (typeof step === "number" ? step : resolved(step, scope)));
  const last = steps.pop() ?? "";
  let holder: AttributeValue | undefined = { M: target };
  for (const step of steps) holder = typeof step === "number" ? holder?.L?.[step] : holder?.M?.[step];
  if (typeof last === "string" && holder?.M) {
    if (value === undefined) delete holder.M[last];
    else holder.M[last] = value;
  } else if (typeof last === "number" && holder?.L) {
    if (value === undefined) holder.L.splice(last, 1);
    else holder.L[Math.min(last, holder.L.length)] = value;
  } else {
    throw validation("The document path provided in the update expression is invalid for update");
  }
}

function added(old: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  // `ADD` accepts a set for a set of the same type, or for a missing attribute.
  if (old !== undefined && typed(old)[0] !== typed(value)[0]) {
    throw validation("An operand in the update expression has an incorrect data type");
  }
  if (value.N !== undefined) return { N: String((old === undefined ? 0 : number(old)) + Number(value.N)) };
  if (value.SS) return { SS: [...new Set([...(old?.SS ?? []), ...value.SS])] };
  if (value.NS) return { NS: [...new Set([...(old?.NS ?? []), ...value.NS])] };
  throw validation("Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD");
}

function without(old: AttributeValue | undefined, value: AttributeValue): AttributeValue | undefined {
  const [type, gone] = typed(value);
  if (old !== undefined && typed(old)[0] !== type) {
    throw validation("An operand in the update expression has an incorrect data type");
  }
  const kept = (old?.SS ?? old?.NS ?? []).filter((element) => !(gone as unknown[]).includes(element));
  if (kept.length === 0) return undefined;
  return type === "NS" ? { NS: kept } : { SS: kept };
}

function required(value: AttributeValue | undefined): AttributeValue {
  if (value !== undefined) return value;
  throw validation("The provided expression refers to an attribute that does not exist in the item");
}

function number(value: AttributeValue | undefined): number {
  const { N } = required(value);
  if (N !== undefined) return Number(N);
  throw validation("An operand in the update expression has an incorrect data type");
}

function list(value: AttributeValue | undefined): AttributeValue[] {
  const { L } = required(value);
  if (L !== undefined) return L;
  throw validation("An operand in the update expression has an incorrect data type");
}
