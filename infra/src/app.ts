import type { ShopDefinition } from "@doubleshot/shop";
import { App, Tags } from "aws-cdk-lib";
import { DataStack } from "./data/data-stack.ts";
import { checkStacks } from "./nag-findings.ts";
import type { ImageOf } from "./services/images.ts";
import { ServicesStack } from "./services/services-stack.ts";
import type { Settings } from "./stage.ts";

export interface ShopAppOptions {
  readonly shop: ShopDefinition;
  readonly settings: Settings;
  /** Folder with the relay's bundle, `handler.mjs`. */
  readonly relayBundle: string;
  readonly imageOf: ImageOf;
  /** Folder for the templates. */
  readonly outdir?: string;
}

export interface ShopApp {
  readonly app: App;
  readonly data: DataStack;
  readonly services: ServicesStack;
}

/** A resource that the other stack refers to cannot be deleted. Without the setting, the CDK warns on every deployment. */
const context = { "@aws-cdk/core:defaultCrossStackReferences": "strong" };

/** The CDK app of a shop: two stacks, named after the shop, and the checks of AWS Solutions on both. */
export function shopApp({ shop, settings, relayBundle, imageOf, outdir }: ShopAppOptions): ShopApp {
  const app = new App({ outdir, analyticsReporting: false, context });
  const protection = { terminationProtection: settings.keepsData };
  const data = new DataStack(app, `${settings.shop}-data`, { shop, settings, relayBundle, ...protection });
  const services = new ServicesStack(app, `${settings.shop}-services`, {
    shop,
    settings,
    imageOf,
    alarmAction: data.alarmAction,
    ...protection,
  });
  // Processes find the tables and queues by name, which CloudFormation cannot see.
  services.addStackDependency(data);
  Tags.of(app).add("shop", settings.shop);
  checkStacks({ app, data, services, settings });
  return { app, data, services };
}
