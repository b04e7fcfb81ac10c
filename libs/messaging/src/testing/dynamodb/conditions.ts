import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { compare, equal, typed } from "./attribute-values.ts";
import { lookUp, type Operand, parseOperand, parsePath, type Scope } from "./operands.ts";
import type { Tokens } from "./tokens.ts";

export type Condition = (scope: Scope) => boolean;

/** Condition, filter and key condition expressions, which share one grammar. */
export function parseCondition(tokens: Tokens): Condition {
  const alternatives = [parseConjunction(tokens)];
  while (tokens.skip("OR")) alternatives.push(parseConjunction(tokens));
  return (scope) => alternatives.some((holds) => holds(scope));
}

function parseConjunction(tokens: Tokens): Condition {
  const parts = [parseNegation(tokens)];
  while (tokens.skip("AND")) parts.push(parseNegation(tokens));
  return (scope) => parts.every((holds) => holds(scope));
}

function parseNegation(tokens: Tokens): Condition {
  if (tokens.skip("NOT")) {
    const negated = parseNegation(tokens);
    return (scope) => !negated(scope);
  }
  if (tokens.skip("(")) {
    const inner = parseCondition(tokens);
    tokens.expect(")");
    return inner;
  }
  return functions.has(tokens.peek().toLowerCase()) && tokens.peek(1) === "("
    ? parseFunction(tokens)
    : parseComparison(tokens);
}

const functions = new Set(["attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains"]);

function parseFunction(tokens: Tokens): Condition {
  const name = tokens.take().toLowerCase();
  tokens.expect("(");
  const path = parsePath(tokens);
  const argument = tokens.skip(",") ? parseOperand(tokens) : undefined;
  tokens.expect(")");
  if (name === "attribute_exists") return (scope) => lookUp(scope, path) !== undefined;
  if (name === "attribute_not_exists") return (scope) => lookUp(scope, path) === undefined;
  if (argument === undefined) throw tokens.error(")");
  const test = { attribute_type: isOfType, begins_with: beginsWith, contains }[name] ?? contains;
  return (scope) => {
    const [value, second] = [lookUp(scope, path), argument(scope)];
    return value !== undefined && second !== undefined && test(value, second);
  };
}

function isOfType(value: AttributeValue, type: AttributeValue): boolean {
  return typed(value)[0] === type.S;
}

function beginsWith(value: AttributeValue, prefix: AttributeValue): boolean {
  return value.S !== undefined && prefix.S !== undefined && value.S.startsWith(prefix.S);
}

function contains(value: AttributeValue, part: AttributeValue): boolean {
  if (value.S !== undefined) return part.S !== undefined && value.S.includes(part.S);
  if (value.L) return value.L.some((element) => equal(element, part));
  const [type, content] = typed(value);
  const [partType, partContent] = typed(part);
  return type === `${partType}S` && Array.isArray(content) && content.includes(partContent);
}

function parseComparison(tokens: Tokens): Condition {
  const left = parseOperand(tokens);
  if (tokens.skip("BETWEEN")) {
    const low = parseOperand(tokens);
    tokens.expect("AND");
    const high = parseOperand(tokens);
    return both(orders[">="](left, low), orders["<="](left, high));
  }
  if (tokens.skip("IN")) return isOneOf(left, parseList(tokens));
  const operator = tokens.take();
  if (!isOrder(operator)) throw tokens.error(operator);
  return orders[operator](left, parseOperand(tokens));
}

function parseList(tokens: Tokens): Operand[] {
  tokens.expect("(");
  const list = [parseOperand(tokens)];
  while (tokens.skip(",")) list.push(parseOperand(tokens));
  tokens.expect(")");
  return list;
}

function isOneOf(left: Operand, list: readonly Operand[]): Condition {
  return (scope) => {
    const value = left(scope);
    return value !== undefined && list.some((operand) => equal(value, operand(scope)));
  };
}

function both(a: Condition, b: Condition): Condition {
  return (scope) => a(scope) && b(scope);
}

type Order = (left: Operand, right: Operand) => Condition;

/** A missing value, or one of another type, is neither less nor greater, and unequal to everything. */
const orders = {
  "=": (left, right) => (scope) => {
    const value = left(scope);
    return value !== undefined && equal(value, right(scope));
  },
  "<>": (left, right) => (scope) => !equal(left(scope), right(scope)),
  "<": ordered((sign) => sign < 0),
  "<=": ordered((sign) => sign <= 0),
  ">": ordered((sign) => sign > 0),
  ">=": ordered((sign) => sign >= 0),
} satisfies Record<string, Order>;

function ordered(accepts: (sign: number) => boolean): Order {
  return (left, right) => (scope) => {
    const sign = compare(left(scope), right(scope));
    return sign !== undefined && accepts(sign);
  };
}

function isOrder(operator: string): operator is keyof typeof orders {
  return operator in orders;
}
