import { describe } from "vitest";
import type { z } from "zod";
import type { HostedService } from "../hosted-service.ts";
import type { ServiceDefinition } from "../service-definition.ts";
import { describeAccess } from "./describe-access.ts";
import { describeConfiguration } from "./describe-configuration.ts";
import { type awsFailures, describeProcess } from "./describe-process.ts";
import { describeSlowFields } from "./describe-slow-fields.ts";
import { describeWiring } from "./describe-wiring.ts";

export interface ServiceSuiteOptions {
  /** Variables with which no limit of the service refuses a caller that sends many requests. Default: none is needed. */
  readonly withoutLimits?: NodeJS.ProcessEnv;
  /** Ways in which a call to AWS fails while the service starts. Default: it is refused. The host is tested with all of them. */
  readonly failures?: readonly (keyof typeof awsFailures)[];
}

/**
 * The suite that every service passes, called at the top of a test file:
 *
 * - configuration  an empty environment is good; a bad variable is one sentence
 * - wiring         every token resolves once; the handlers fit the manifest; the document has the routes and no others
 * - input          no text that a caller sends is slow to read
 * - access         each route lets in the roles of its definition; without authentication, only a loopback address is served
 * - process        starts, closes and drains in order; takes no message after the signal; survives a lost AWS
 */
export function describeService<Shape extends z.ZodRawShape>(
  manifest: HostedService,
  definition: ServiceDefinition<Shape>,
  { withoutLimits = {}, failures = ["is refused"] }: ServiceSuiteOptions = {},
): void {
  describe(`${manifest.name} is a service`, () => {
    describeConfiguration(manifest, definition);
    describeWiring(manifest, definition);
    describeSlowFields(manifest, definition, withoutLimits);
    describeAccess(manifest, definition, withoutLimits);
    describeProcess(manifest, definition, failures);
  });
}
