import { spawnSync } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** One violation of each layer rule, planted where it would do harm, and the words that must answer it. */
const violations = [
  {
    file: "libs/messaging/src/planted.ts",
    imports: "@doubleshot/contracts",
    says: "messaging is what other teams take home",
  },
  { file: "libs/messaging/src/planted.ts", imports: "express", says: "messaging is what other teams take home" },
  { file: "libs/messaging/src/planted.ts", imports: "inversify", says: "messaging is what other teams take home" },
  { file: "libs/messaging/src/planted.ts", imports: "zod", says: "messaging is what other teams take home" },
  {
    file: "libs/messaging/src/planted.ts",
    imports: "./outbox/transaction.ts",
    says: "only entry of a folder of the library",
  },
  {
    file: "libs/messaging/src/consumer/planted.ts",
    imports: "../outbox/transaction.ts",
    says: "only entry of a folder of the library",
  },
  { file: "libs/messaging/src/consumer/planted.ts", imports: "../testing/index.ts", says: "Nothing imports testing" },
  { file: "libs/messaging/src/outbox/planted.ts", imports: "../testing/index.ts", says: "Nothing imports testing" },
  { file: "libs/messaging/src/outbox/planted.ts", imports: "../subscriber/index.ts", says: "neither subscriber nor" },
  { file: "libs/messaging/src/outbox/planted.ts", imports: "../consumer/index.ts", says: "neither subscriber nor" },
  {
    file: "libs/messaging/src/outbox/planted.ts",
    imports: "../events/envelope.ts",
    says: "only entry of a folder of the library",
  },
  { file: "libs/messaging/src/relay/planted.ts", imports: "../consumer/index.ts", says: "relay does not import" },
  { file: "libs/messaging/src/relay/planted.ts", imports: "@doubleshot/topology", says: "other teams take home" },
  {
    file: "libs/messaging/src/testing/sqs/planted.ts",
    imports: "../../runtime/clock.ts",
    says: "only entry of a folder of the library",
  },
  { file: "libs/topology/src/planted.ts", imports: "@doubleshot/messaging", says: "are the lowest layer" },
  { file: "libs/service-kit/src/planted.ts", imports: "@doubleshot/messaging", says: "are the lowest layer" },
  { file: "libs/service-kit/src/limits/planted.ts", imports: "@doubleshot/messaging", says: "are the lowest layer" },
  {
    file: "libs/service-kit/src/limits/planted.ts",
    imports: "../callers/caller.ts",
    says: "only entry is its index.ts",
  },
  { file: "libs/tracing/src/planted.ts", imports: "@doubleshot/topology", says: "tracing starts OpenTelemetry" },
  { file: "libs/tracing/src/planted.ts", imports: "@opentelemetry/core", says: "only where it is asked for" },
  { file: "libs/barista-client/src/planted.ts", imports: "@doubleshot/contracts", says: "by HTTP alone" },
  { file: "libs/identity/src/planted.ts", imports: "@doubleshot/service-kit", says: "makes and verifies tokens" },
  { file: "libs/waiting/src/planted.ts", imports: "@doubleshot/messaging", says: "never instead" },
  { file: "libs/aggregates/src/planted.ts", imports: "@doubleshot/waiting", says: "knows no service" },
  { file: "libs/contracts/src/planted.ts", imports: "@aws-sdk/client-sns", says: "contracts is the event catalogue" },
  { file: "libs/contracts/src/planted.ts", imports: "@doubleshot/topology", says: "contracts is the event catalogue" },
  { file: "libs/cdk/src/planted.ts", imports: "@doubleshot/shop", says: "know the settings of messaging" },
  { file: "libs/shop/src/planted.ts", imports: "@doubleshot/orders", says: "A manifest is data" },
  { file: "libs/shop/src/planted.ts", imports: "@aws-sdk/client-sns", says: "A manifest is data" },
  { file: "libs/service-host/src/planted.ts", imports: "@doubleshot/orders", says: "runs any service and knows none" },
  { file: "libs/service-host/src/planted.ts", imports: "@doubleshot/shop", says: "runs any service and knows none" },
  { file: "libs/local-aws/src/planted.ts", imports: "@doubleshot/shop", says: "knows no shop" },
  { file: "libs/dev-shop/src/planted.ts", imports: "@doubleshot/orders", says: "never imports them" },
  { file: "libs/operations/src/planted.ts", imports: "@doubleshot/shop", says: "knows no shop and no service" },
  { file: "libs/cli/src/planted.ts", imports: "@doubleshot/local-aws", says: "works on tables, topics and queues" },
  {
    file: "services/orders/src/planted.ts",
    imports: "@doubleshot/barista",
    says: "Services speak to each other through events only",
  },
  {
    file: "services/orders/src/planted.ts",
    imports: "@doubleshot/local-aws",
    says: "Services speak to each other through events only",
  },
  {
    file: "services/orders/src/planted.ts",
    imports: "../../barista/src/ticket.ts",
    says: "Services speak to each other through events only",
  },
  { file: "services/orders/src/planted.ts", imports: "../../../libs/topology/src/index.ts", says: "imported by name" },
  {
    file: "lambdas/outbox/src/planted.ts",
    imports: "@doubleshot/dev-shop",
    says: "Services speak to each other through events only",
  },
  { file: "infra/src/planted.ts", imports: "@doubleshot/orders", says: "reads manifests and runs nothing" },
  { file: "services/orders/src/order/order.ts", imports: "@aws-sdk/lib-dynamodb", says: "An aggregate is pure" },
  { file: "services/orders/src/order/order-state.ts", imports: "@doubleshot/messaging", says: "An aggregate is pure" },
  { file: "services/customers/src/reservation.ts", imports: "@doubleshot/messaging", says: "An aggregate is pure" },
  { file: "services/barista/src/ticket/ticket.ts", imports: "node:fs", says: "An aggregate is pure" },
] as const;

const root = fileURLToPath(new URL("..", import.meta.url));
const biome = join(root, "node_modules/.bin/biome");
const innocent = "export const nothing = 0;\n";
let folder: string;
let before: string[];
let after: string[];

/** Each violation has a file of its own, so that all are linted at once. */
const planted = violations.map(({ file, imports, says }, index) => ({
  file: file.replace("planted.ts", `planted-${index}.ts`),
  imports,
  says,
}));
const cycle = {
  "libs/messaging/src/hen.ts": 'import { egg } from "./egg.ts";\nexport const hen = () => egg;\n',
  "libs/messaging/src/egg.ts": 'import { hen } from "./hen.ts";\nexport const egg = () => hen;\n',
  // Of types alone: nothing is undefined at run time, and yet neither file can be read without the other.
  "libs/messaging/src/lock.ts": 'import type { Key } from "./key.ts";\nexport type Lock = { key: Key };\n',
  "libs/messaging/src/key.ts": 'import type { Lock } from "./lock.ts";\nexport type Key = { lock?: Lock };\n',
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "layers-"));
  await copyFile(join(root, "biome.json"), join(folder, "biome.json"));
  for (const file of [...planted.map(({ file }) => file), ...Object.keys(cycle)]) await write(file, innocent);
  before = lint();
  for (const { file, imports } of planted) {
    await write(file, `import type { Planted } from "${imports}";\nexport type Kept = Planted;\n`);
  }
  for (const [file, text] of Object.entries(cycle)) await write(file, text);
  after = lint();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), text);
}

/** The refusals, a line each. */
function lint(): string[] {
  const { stdout } = spawnSync(
    biome,
    ["lint", "--vcs-enabled=false", "--max-diagnostics=none", "--reporter=github", "."],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
  return stdout.split("\n").filter((line) => line.startsWith("::error"));
}

const refusedIn = (file: string) => after.filter((line) => line.includes(`${file},`)).join("\n");

describe("the layers", () => {
  test("accept what violates none", () => {
    expect(before).toEqual([]);
  });

  test.each(planted)("refuse $imports in $file", ({ file, says }) => {
    expect(refusedIn(file)).toContain(says);
  });

  test.each(["hen.ts", "lock.ts"])("refuse an import cycle, through %s", (file) => {
    expect(refusedIn(file)).toContain("noImportCycles");
  });
});
