import { documentOf, slowFields } from "@doubleshot/service-kit/testing";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import type { HostedService } from "../hosted-service.ts";
import type { ServiceDefinition } from "../service-definition.ts";
import { fakeAws } from "./fake-aws.ts";
import { useService } from "./use-service.ts";

export function describeSlowFields<Shape extends z.ZodRawShape>(
  manifest: HostedService,
  definition: ServiceDefinition<Shape>,
  env: NodeJS.ProcessEnv,
): void {
  describe("input", () => {
    const here = useService(manifest, definition, fakeAws);

    test("no text a caller sends takes time out of proportion to its length", async () => {
      const { url } = await here.start({ CONSUME: "off", ...env });
      expect(await slowFields(url, await documentOf(url))).toEqual([]);
    });
  });
}
