import { ConfigError } from "@doubleshot/service-kit";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import type { HostedService } from "../hosted-service.ts";
import { hostConfig, readServiceConfig } from "../service-config.ts";
import type { ServiceDefinition } from "../service-definition.ts";

/** Values that a number, a switch or a name refuses. */
const badValues = ["maybe?", "-1", "1e999"];

export function describeConfiguration<Shape extends z.ZodRawShape>(
  manifest: HostedService,
  { config }: ServiceDefinition<Shape>,
): void {
  describe("configuration", () => {
    test("an empty environment is a good one, with the port of the manifest", () => {
      expect(readServiceConfig(manifest, config, {})).toMatchObject({ PORT: manifest.port, SHOP: "doubleshot" });
    });

    const names = Object.keys({ ...hostConfig, ...config }).filter((name) => name !== "HOST");
    test.each(names)("a bad %s is one sentence that names it and what is allowed", (name) => {
      const read = (value: string) => () => readServiceConfig(manifest, config, { [name]: value });
      const sentences = badValues.map((value) => sentenceOf(read(value))).filter((said) => said !== undefined);
      expect(sentences).not.toEqual([]);
      for (const sentence of sentences) expect(sentence).toMatch(new RegExp(`^${name} is .+; it must be [^\\n]+\\.$`));
    });
  });
}

/** The message of the ConfigError; undefined when the value is allowed. */
function sentenceOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toHaveProperty("exitSentence", true);
    return (error as Error).message;
  }
}
