import { coffeeShop, type ServiceInShop } from "@doubleshot/shop";
import { describe, expect, test } from "vitest";
import { testApps } from "../app.fixture.ts";

const app = testApps();
const { services: template } = app("production").templates;
const manifests: readonly ServiceInShop[] = Object.values(coffeeShop.services);

/** The rules of the listeners: the patterns, the number, and the logical id of the target group. */
function routes() {
  return Object.values(template.findResources("AWS::ElasticLoadBalancingV2::ListenerRule")).map(({ Properties }) => ({
    values: Properties.Conditions.flatMap(
      (condition: { PathPatternConfig: { Values: string[] } }) => condition.PathPatternConfig.Values,
    ) as string[],
    priority: Number(Properties.Priority),
    target: String(Properties.Actions[0].TargetGroupArn.Ref),
  }));
}

describe("the routes", () => {
  test.each(manifests)(
    "$name gets each of its paths, and those below it, and its document under its own name",
    (service) => {
      const own = routes().filter(({ target }) => target.startsWith(`${service.name}Targets`));
      const document = ["openapi.json", "docs", "docs/*"].map((path) => `/api/${service.name}/${path}`);
      expect(own.flatMap(({ values }) => values).toSorted()).toEqual(
        [...service.paths.flatMap((path) => (path === "/" ? [path] : [path, `${path}/*`])), ...document].toSorted(),
      );
      for (const { values } of own) expect(values.length).toBeLessThanOrEqual(5);
    },
  );

  test.each(manifests)("the document of $name is asked for without its prefix", ({ name }) => {
    const rules = template.findResources("AWS::ElasticLoadBalancingV2::ListenerRule");
    const [{ Regex, Replace } = { Regex: "none", Replace: "" }] = Object.values(rules)
      .flatMap(({ Properties }) => Properties.Transforms ?? [])
      .flatMap(({ UrlRewriteConfig }): { Regex: string; Replace: string }[] => UrlRewriteConfig.Rewrites)
      .filter(({ Regex }) => new RegExp(Regex).test(`/api/${name}/docs`));
    const asked = ["/docs", "/docs/swagger-ui.css", "/openapi.json"];
    expect(asked.map((path) => `/api/${name}${path}`.replace(new RegExp(Regex), Replace))).toEqual(asked);
  });

  test("lead to no probe and to no metrics", () => {
    const patterns = routes().flatMap(({ values }) => values);
    for (const path of ["/metrics", "/livez", "/readyz", "/*"]) expect(patterns).not.toContain(path);
  });

  test("have numbers of their own", () => {
    const priorities = routes().map(({ priority }) => priority);
    expect(new Set(priorities).size).toBe(priorities.length);
    for (const priority of priorities) expect(priority).toBeLessThanOrEqual(50_000);
  });
});
