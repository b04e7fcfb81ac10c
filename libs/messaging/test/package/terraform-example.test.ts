import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as infrastructure from "../../src/infrastructure.ts";

// Terraform's example in docs/adopting.md has each setting, with the right name.

const page = readFileSync(new URL("../../../../docs/adopting.md", import.meta.url), "utf8");
const example = /```hcl\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
const settings = JSON.parse(JSON.stringify(infrastructure));

/** `batch_size = local.messaging.relayMapping.BatchSize`, as its three names. */
const assigned = [...example.matchAll(/(\w+)\s+= local\.messaging\.(\w+)\.(\w+)/g)].map(([, argument, part, name]) => ({
  argument,
  part,
  name,
}));
const snakeCase = (name: string) => name.replace(/\B[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

/** Names of the provider that differ from the API's. */
const renamed: Readonly<Record<string, string>> = {
  VisibilityTimeout: "visibility_timeout_seconds",
  MessageRetentionPeriod: "message_retention_seconds",
  FilterCriteria: "pattern",
};

test.each(["topic", "subscriberQueue", "deadLetterQueue", "failedRecordsQueue", "relayMapping"])(
  "all of %s",
  (part) => {
    const given = assigned.filter((each) => each.part === part).map(({ argument, name }) => [name, argument]);
    const wanted = Object.keys(settings[part]).map((name) => [name, renamed[name] ?? snakeCase(name)]);
    expect(given.toSorted()).toEqual(wanted.toSorted());
  },
);

test("nothing that is not there", () => {
  const paths = [...example.matchAll(/local\.messaging((?:\.\w+|\[\d\])+)/g)].map(([, path = ""]) => path);
  expect(paths.length).toBeGreaterThan(20);
  for (const path of paths) {
    const keys = path.split(/[.[\]]+/).filter((key) => key !== "");
    expect(
      keys.reduce((value, key) => value?.[key], settings),
      path,
    ).toBeDefined();
  }
});

test("the policies that are written out are those that functions make for others", () => {
  const { maxReceiveCount } = JSON.parse(infrastructure.redrivePolicy("arn"));
  expect(example).toContain(`maxReceiveCount     = ${maxReceiveCount}\n`);
  const { Statement } = JSON.parse(infrastructure.queuePolicy("arn", "topic"));
  const [{ Action, Principal }] = Statement;
  expect(example).toContain(`Action    = "${Action}"`);
  expect(example).toContain(`Principal = { Service = "${Principal.Service}" }`);
  expect(infrastructure.subscription("arn").RawMessageDelivery).toBe("true");
  expect(example).toContain("raw_message_delivery = true");
});
