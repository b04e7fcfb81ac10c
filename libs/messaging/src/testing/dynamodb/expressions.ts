import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { copyOf, copyOfItem, type Item } from "./attribute-values.ts";
import { type Condition, parseCondition } from "./conditions.ts";
import { validation } from "./exceptions.ts";
import { lookUp, type Path, parsePath, resolved, type Scope } from "./operands.ts";
import { Tokens } from "./tokens.ts";
import { type Change, parseUpdate } from "./updates.ts";

/** The fields of a request with expressions, and with their names and values. */
export interface Expressions {
  readonly ConditionExpression?: string | undefined;
  readonly FilterExpression?: string | undefined;
  readonly KeyConditionExpression?: string | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly UpdateExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, AttributeValue>> | undefined;
}

interface Parsed<T> {
  readonly meaning: T;
  readonly references: ReadonlySet<string>;
}

/** Cached: programs use few expressions, many times each. */
function remembering<T>(parse: (tokens: Tokens) => T): (text: string) => Parsed<T> {
  const known = new Map<string, Parsed<T>>();
  return (text) => {
    let parsed = known.get(text);
    if (parsed === undefined) {
      const tokens = new Tokens(text);
      const meaning = parse(tokens);
      if (!tokens.ended) throw tokens.error(tokens.peek());
      parsed = { meaning, references: tokens.references };
      known.set(text, parsed);
    }
    return parsed;
  };
}

const condition = remembering<Condition>(parseCondition);
const update = remembering<Change>(parseUpdate);
const projection = remembering<Path[]>((tokens) => {
  const paths = [parsePath(tokens)];
  while (tokens.skip(",")) paths.push(parsePath(tokens));
  return paths;
});

export function holds(text: string | undefined, item: Item | undefined, expressions: Expressions): boolean {
  return text === undefined || condition(text).meaning(scopeOf(item ?? {}, expressions));
}

/** Returns the updated item. */
export function updated(item: Item, expressions: Expressions): Item {
  const target = copyOfItem(item);
  if (expressions.UpdateExpression !== undefined) {
    update(expressions.UpdateExpression).meaning(scopeOf(item, expressions), target);
  }
  return target;
}

/** Returns whole top-level attributes, also if the projection names only a part. DynamoDB returns only the part. */
export function projected(item: Item, expressions: Expressions): Item {
  if (expressions.ProjectionExpression === undefined) return copyOfItem(item);
  const scope = scopeOf(item, expressions);
  const result: Item = {};
  for (const path of projection(expressions.ProjectionExpression).meaning) {
    const name = resolved(String(path[0]), scope);
    const value = item[name];
    if (value !== undefined && lookUp(scope, path) !== undefined) result[name] = copyOf(value);
  }
  return result;
}

/** DynamoDB rejects a placeholder without a value, and a value without a placeholder: mostly a typing error. */
export function checkReferences(expressions: Expressions): void {
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = expressions;
  const used = referencesIn(expressions);
  for (const references of used) {
    for (const reference of references) {
      if (reference in names || reference in values) continue;
      throw validation(`An expression attribute name or value used in expression is not defined: ${reference}`);
    }
  }
  checkUsed("ExpressionAttributeNames", names, used);
  checkUsed("ExpressionAttributeValues", values, used);
}

function referencesIn(expressions: Expressions): ReadonlySet<string>[] {
  const { ConditionExpression, FilterExpression, KeyConditionExpression, ProjectionExpression, UpdateExpression } =
    expressions;
  const used: ReadonlySet<string>[] = [];
  for (const text of [ConditionExpression, FilterExpression, KeyConditionExpression]) {
    if (text !== undefined) used.push(condition(text).references);
  }
  if (UpdateExpression !== undefined) used.push(update(UpdateExpression).references);
  if (ProjectionExpression !== undefined) used.push(projection(ProjectionExpression).references);
  return used;
}

function checkUsed(kind: string, given: Readonly<Record<string, unknown>>, used: readonly ReadonlySet<string>[]): void {
  for (const name in given) {
    if (used.some((references) => references.has(name))) continue;
    throw validation(`Value provided in ${kind} unused in expressions: keys: {${name}}`);
  }
}

function scopeOf(item: Item, { ExpressionAttributeNames = {}, ExpressionAttributeValues = {} }: Expressions): Scope {
  return { item, names: ExpressionAttributeNames, values: ExpressionAttributeValues };
}
