import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

/** A selector of an expression, such as `orders_total{status="PLACED"}`. */
interface Selector {
  readonly metric: string;
  /** Equalities alone; the values of others are patterns. */
  readonly equals: Readonly<Record<string, string>>;
}

export interface Expression {
  /** The part that is no PromQL, if there is one. */
  readonly error: string | undefined;
  readonly selectors: readonly Selector[];
  /** All labels that it names, in selectors and in `by (...)`. */
  readonly labels: readonly string[];
}

/** Reads an expression by the grammar of Prometheus's own editor. Grafana's `$__rate_interval` counts as five minutes. */
export function readExpression(text: string): Expression {
  const source = text.replaceAll("$__rate_interval", "5m");
  const selectors: Selector[] = [];
  const labels: string[] = [];
  let error: string | undefined;
  const textOf = ({ from, to }: { from: number; to: number }) => source.slice(from, to);
  parser.parse(source).iterate({
    enter: (node) => {
      if (node.type.isError) error ??= `${source.slice(0, node.from)} <-- here`;
      if (node.name === "LabelName") labels.push(textOf(node));
      if (node.name === "VectorSelector") selectors.push(selectorOf(node.node, textOf));
    },
  });
  return { error, selectors, labels };
}

function selectorOf(node: SyntaxNode, textOf: (node: SyntaxNode) => string): Selector {
  const identifier = node.getChild("Identifier");
  const matchers = node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? [];
  const equals = matchers.flatMap((matcher) => {
    const [name, operator, value] = ["LabelName", "MatchOp", "StringLiteral"].map((part) => matcher.getChild(part));
    if (!name || !value || !operator || textOf(operator) !== "=") return [];
    return [[textOf(name), JSON.parse(textOf(value))] as const];
  });
  return { metric: identifier === null ? "" : textOf(identifier), equals: Object.fromEntries(equals) };
}
