import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { coffeeShop, type ShopDefinition } from "@doubleshot/shop";
import { Template } from "aws-cdk-lib/assertions";
import { afterAll } from "vitest";
import { type ShopApp, shopApp } from "./app.ts";
import { imagesOfRegistry } from "./services/images.ts";
import { readSettings, type Settings, type StageName } from "./stage.ts";

const served = {
  certificate: "arn:aws:acm:eu-central-1:123456789012:certificate/0b1c",
  domain: "shop.example.com",
  alarmEmail: "operators@example.com",
};

export interface TestApp extends ShopApp {
  readonly settings: Settings;
  readonly templates: { readonly data: Template; readonly services: Template };
}

/** Makes the apps of a test file, each once, in a folder that goes when the file ends. */
export function testApps(): (
  stage: StageName,
  shop?: ShopDefinition,
  context?: Readonly<Record<string, string>>,
) => TestApp {
  const folder = mkdtempSync(join(tmpdir(), "infra-"));
  // The bundle's content does not matter here, and its name does.
  const relayBundle = join(folder, "relay");
  mkdirSync(relayBundle);
  writeFileSync(join(relayBundle, "handler.mjs"), "export const handler = () => undefined;\n");
  afterAll(() => rmSync(folder, { recursive: true }));
  const made = new Map<string, TestApp>();
  return (stage, shop = coffeeShop, context = {}) => {
    const key = JSON.stringify([shop.name, stage, context]);
    const known = made.get(key);
    if (known) return known;
    const settings = readSettings(shop.name, { stage, ...(stage !== "test" && served), ...context });
    const outdir = mkdtempSync(join(folder, "out-"));
    const imageOf = imagesOfRegistry(shop.name, "1");
    const app = shopApp({ shop, settings, relayBundle, imageOf, outdir });
    const testApp = {
      ...app,
      settings,
      // Made on demand: a stack that has become a template takes no more resources.
      get templates() {
        return { data: Template.fromStack(app.data), services: Template.fromStack(app.services) };
      },
    };
    made.set(key, testApp);
    return testApp;
  };
}
