import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { InProcessShop } from "@doubleshot/bench/in-process-shop";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ExposedMetrics, relayMetrics } from "./exposed-metrics.fixture.ts";
import { readExpression } from "./promql.fixture.ts";

/*
 * The dashboards and rules in docs/observability name metrics, labels and label values. A name that no process exposes would leave a panel
 * empty and an alert silent.
 */

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = `${root}/docs/observability`;

interface Target {
  readonly expr?: string;
  readonly namespace?: string;
  readonly metricName?: string;
  readonly dimensions?: Readonly<Record<string, string>>;
}
interface Panel {
  readonly title: string;
  readonly targets?: readonly Target[];
}

const dashboards = readdirSync(folder).filter((file) => file.endsWith(".json"));
const targets = dashboards.flatMap((file) => {
  const { panels }: { panels: Panel[] } = JSON.parse(readFileSync(`${folder}/${file}`, "utf8"));
  return panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));
});
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly runbook: string };
}
const { groups }: { groups: readonly { rules: readonly Rule[] }[] } = parse(
  readFileSync(`${folder}/alerts.yaml`, "utf8"),
);
const rules = groups.flatMap(({ rules }) => rules);
const expressions = [
  ...targets.flatMap(({ title, expr }) => (expr === undefined ? [] : [[title, expr] as const])),
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
];

/** Prometheus adds these to every series. `up` is its own. */
const ofEverySeries = ["job", "instance"];
const exposed = new ExposedMetrics();
let shop: InProcessShop;

beforeAll(async () => {
  exposed.add("up 1");
  shop = await InProcessShop.open();
  const urls = [await shop.start("orders"), await shop.start("barista")] as const;
  const answer = fetch(`${urls[0]}/order/`, { method: "POST" });
  const claimed = await fetch(`${urls[1]}/start/?wait=60`);
  const { order_id: id } = (await claimed.json()) as { order_id: string };
  await fetch(`${urls[1]}/finish/?order_id=${id}`, { method: "POST" });
  expect((await answer).status).toBe(200);
  for (const url of urls) exposed.add(await (await fetch(`${url}/metrics`)).text());
});
afterAll(() => shop?.[Symbol.asyncDispose]());

test("every dashboard and every rule is read", () => {
  expect(dashboards).toHaveLength(2);
  expect(expressions.length).toBeGreaterThan(40);
});

describe.each(expressions)("%s: %s", (_title, expr) => {
  const { error, selectors, labels } = readExpression(expr);

  test("is PromQL", () => {
    expect(error).toBeUndefined();
    expect(selectors.length).toBeGreaterThan(0);
  });

  test("has metrics that processes expose, with labels and values that these have", () => {
    expect(selectors.map(({ metric }) => metric).filter((metric) => !exposed.has(metric))).toEqual([]);
    const known = new Set([...ofEverySeries, ...selectors.flatMap(({ metric }) => exposed.labelsOf(metric))]);
    expect(labels.filter((label) => !known.has(label))).toEqual([]);
    const unknown = selectors.flatMap(({ metric, equals }) =>
      Object.entries(equals).filter(([label, value]) => !exposed.knows(metric, label, value)),
    );
    expect(unknown).toEqual([]);
  });
});

test("the panels of CloudWatch have metrics that the relay or Lambda reports", () => {
  const reported = relayMetrics();
  const own = targets.filter(({ namespace }) => namespace === "Doubleshot");
  expect(own.length).toBeGreaterThan(5);
  for (const { metricName = "", dimensions } of own) {
    expect([metricName, Object.keys(dimensions ?? {})]).toEqual([metricName, [reported.get(metricName)]]);
  }
  const ofLambda = targets.flatMap(({ namespace, metricName }) => (namespace === "AWS/Lambda" ? [metricName] : []));
  expect(ofLambda).toEqual(["IteratorAge"]);
});

test.each(rules)(
  "$alert says what is wrong, with the runbook that mends it",
  ({ annotations: { summary, runbook } }) => {
    expect(summary).toMatch(/\.$/);
    const [page = "", anchor] = runbook.split("#");
    expect(existsSync(`${root}/${page}`)).toBe(true);
    const headings = [...readFileSync(`${root}/${page}`, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, "")
        .replaceAll(" ", "-"),
    );
    if (anchor !== undefined) expect(headings).toContain(anchor);
  },
);
