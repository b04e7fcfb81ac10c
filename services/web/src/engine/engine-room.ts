import type { Shop } from "@doubleshot/operations";
import type { Logger } from "@doubleshot/service-kit";
import type { Upstream } from "../proxy/service-proxy.ts";
import { type MetricsSource, Pipeline } from "./pipeline/pipeline.ts";

export interface EngineRoomOptions {
  readonly shop: Shop;
  readonly services: readonly MetricsSource[];
  readonly faultsUrl: string | undefined;
  readonly inspectorUrl: string | undefined;
  readonly log: Logger;
}

/**
 * The parts of the engine room. On a developer's machine it also links to `/docs`, `/metrics` and DynamoDB Admin, and offers
 * the fault API.
 */
export class EngineRoom {
  readonly shop: Shop;
  readonly pipeline: Pipeline;
  /** dynamodb-admin; undefined where there is none. */
  readonly inspector: string | undefined;
  /** Services whose own pages the browser reaches: on a developer's machine, all of them. */
  readonly services: readonly MetricsSource[];
  /** The fault API of `npm start`; undefined everywhere else. */
  readonly faults: Upstream | undefined;

  constructor({ shop, services, faultsUrl, inspectorUrl, log }: EngineRoomOptions) {
    const isLocal = faultsUrl !== undefined || inspectorUrl !== undefined;
    this.shop = shop;
    this.pipeline = new Pipeline({ shop, sources: services, log });
    this.inspector = inspectorUrl?.replace(/\/$/, "");
    this.services = isLocal ? services : [];
    this.faults = faultsUrl === undefined ? undefined : { name: "supervisor", paths: [], url: new URL(faultsUrl) };
  }
}
