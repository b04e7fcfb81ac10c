import type { Subscription } from "@doubleshot/messaging";
import type { Api, DocumentOptions } from "@doubleshot/service-kit";
import type { Hint } from "@doubleshot/waiting";
import type { ContainerModule, ServiceIdentifier } from "inversify";
import type { z } from "zod";
import type { ServiceConfig } from "./service-config.ts";

/** Resolves a token of the service's container. */
export type Get = <T>(token: ServiceIdentifier<T>) => T;

/** The input of a service's bindings. */
export interface BindingInput<Shape extends z.ZodRawShape> {
  readonly config: ServiceConfig<Shape>;
  /** Physical name of one of the service's tables: `table("notes")` is `doubleshot-notes`. */
  readonly table: (shortName: string) => string;
}

/** The moments of a process at which a service has work to do. Every hook is optional, none may throw. */
export interface ServiceHooks {
  /** Hints of other instances have come. */
  readonly onHints?: (hints: readonly Hint[]) => void;
  /** The process is asked to stop. It still answers requests; from now on it takes no new work. */
  readonly onClosing?: () => void;
  /** The process drains: end every wait, and resolve when commits in flight have their outcome. */
  readonly onDraining?: () => void | Promise<void>;
  /** All requests and messages are done: resolve when the work that they left in the background is done. */
  readonly onDrained?: () => Promise<void>;
}

/**
 * A service beside its manifest: the manifest says which resources it has, the definition how it uses them. Each function
 * runs once in a process.
 */
export interface ServiceDefinition<Shape extends z.ZodRawShape = z.ZodRawShape> {
  /** The service's own environment variables, beside those of `hostConfig`. */
  readonly config: Shape;
  /** Bindings of the domain's classes. They may depend on the tokens of `host` and on `Hints`. */
  readonly modules: (input: BindingInput<Shape>) => readonly ContainerModule[];
  /** Handlers of the events that the manifest subscribes to. */
  readonly subscriptions: (get: Get) => readonly Subscription[];
  /** The routes, and the title of their OpenAPI document. */
  readonly http: (get: Get) => ServiceHttp;
  /** Requests that may wait or stream in a process at once. Below the connections a process may have, or its log says so. */
  readonly maxLongRequests?: (config: ServiceConfig<Shape>) => number;
  /** Descriptors that a connection takes: 2 in a proxy, which connects to a service for each caller. Default 1. */
  readonly descriptorsPerConnection?: number;
  readonly hooks?: (get: Get) => ServiceHooks;
}

export type ServiceHttp = Omit<DocumentOptions, "apis"> & { readonly apis: readonly Api[] };

/** Checks the types of a definition where it is written. */
export function defineService<const Shape extends z.ZodRawShape>(
  definition: ServiceDefinition<Shape>,
): ServiceDefinition<Shape> {
  return definition;
}
