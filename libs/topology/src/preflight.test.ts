import { DeleteTableCommand, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { DeleteQueueCommand } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createAwsClients } from "./clients/aws-clients.ts";
import { freePort, useEndpoints } from "./endpoints.fixture.ts";
import { queueUrl } from "./lookups.ts";
import { preflight } from "./preflight.ts";
import { provision } from "./provision/provision.ts";
import { twoServices } from "./two-services.fixture.ts";

const aws = useEndpoints();
afterEach(() => vi.unstubAllEnvs());

const check = (shop: string, checked = aws.clients) =>
  preflight({
    topology: twoServices,
    shop,
    clients: checked,
    tables: ["orders", "orders-outbox"],
    queues: ["orders-subscriber.fifo"],
  });
const refusal = (message: string | RegExp) => ({
  exitSentence: true,
  message: expect.stringMatching(message),
});

describe("on a provisioned endpoint", () => {
  test("AWS lost from its n-th call on ends it with one sentence", async () => {
    const shop = "lost";
    await provision({ topology: twoServices, shop, clients: aws.clients });
    const failure = { name: "InternalServerError", $fault: "server", $metadata: { httpStatusCode: 500 } };
    let hasPassed = false;
    for (let nth = 1; !hasPassed; nth++) {
      let calls = 0;
      const losing = createAwsClients({ endpoints: aws.endpoints });
      for (const client of [losing.dynamodb, losing.sqs]) {
        (client as typeof losing.dynamodb).middlewareStack.add(
          (next) => (args) =>
            ++calls >= nth ? Promise.reject(Object.assign(new Error("lost\nfor good"), failure)) : next(args),
          { step: "initialize", priority: "low" },
        );
      }
      const ended = await check(shop, losing).catch((error: unknown) => error);
      losing.destroy();
      hasPassed = ended === undefined;
      // The check reads two tables and a queue.
      if (nth <= 3) expect(ended).toMatchObject(refusal(/^(DynamoDB|SQS) at http:[^\n]+[.]$/));
    }
  });

  test("a complete shop passes, and a missing resource is named with its endpoint", async () => {
    const shop = "complete";
    await provision({ topology: twoServices, shop, clients: aws.clients });
    await expect(check(shop)).resolves.toBeUndefined();

    const QueueUrl = await queueUrl(aws.clients, shop, "orders-subscriber.fifo");
    await aws.clients.sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expect(check(shop)).rejects.toMatchObject({
      exitSentence: true,
      message: `Queue complete-orders-subscriber.fifo is not at ${aws.endpoints.sqs} in region us-east-1: correct AWS_REGION, SHOP, TOPOLOGY or AWS_ENDPOINT_URL_SQS, or if they are right, provision it (npm run provision).`,
    });

    const TableName = "complete-orders-outbox";
    const StreamSpecification = { StreamEnabled: false };
    await aws.clients.dynamodb.send(new UpdateTableCommand({ TableName, StreamSpecification }));
    await expect(check(shop)).rejects.toMatchObject(refusal(/^The stream of table complete-orders-outbox is not at/));

    await aws.clients.dynamodb.send(new DeleteTableCommand({ TableName }));
    await expect(check(shop)).rejects.toMatchObject(
      refusal(/^Table complete-orders-outbox is not at .* in region us-east-1: correct AWS_REGION, SHOP, /),
    );
  });

  test("a table with another key is refused", async () => {
    const tables = { ...twoServices.tables, orders: { key: { partition: { name: "number", type: "N" } } } } as const;
    await provision({ topology: { ...twoServices, tables }, shop: "foreign", clients: aws.clients });
    await expect(check("foreign")).rejects.toMatchObject(
      refusal(/^Table foreign-orders at .* has the key number, not id: correct SHOP/),
    );
  });
});

describe("when no call can succeed", () => {
  const withEnvironment = async (environment: Record<string, string | undefined>) => {
    const clean = {
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_PROFILE: undefined,
      AWS_ENDPOINT_URL: aws.endpoints.dynamodb,
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_EC2_METADATA_DISABLED: "true",
    };
    for (const [name, value] of Object.entries({ ...clean, ...environment })) vi.stubEnv(name, value);
    const ownClients = createAwsClients();
    try {
      return await check("complete", ownClients);
    } finally {
      ownClients.destroy();
    }
  };

  test("the sentence names the endpoint that does not answer and its variable", async () => {
    const silent = `http://127.0.0.1:${await freePort()}`;
    await expect(withEnvironment({ AWS_ENDPOINT_URL_DYNAMODB: silent })).rejects.toMatchObject({
      exitSentence: true,
      message: `DynamoDB does not answer at ${silent}: start it (npm start has an embedded one) or correct AWS_ENDPOINT_URL_DYNAMODB.`,
    });
  });

  test.for([
    [{ AWS_REGION: undefined }, /^AWS_REGION is not set: /],
    [{ AWS_REGION: "" }, /^AWS_REGION is "", which is no region: set it to /],
    [{ AWS_REGION: "eu central" }, /^AWS_REGION is "eu central", which is no region: set it to /],
    [{ AWS_ACCESS_KEY_ID: undefined }, /^There are no AWS credentials: set AWS_ACCESS_KEY_ID /],
    [{ AWS_ENDPOINT_URL_DYNAMODB: "nonsense" }, /^AWS_ENDPOINT_URL_DYNAMODB is "nonsense", which is no URL: /],
  ] as const)("the sentence names the variable: %o", async ([environment, sentence]) => {
    await expect(withEnvironment(environment)).rejects.toMatchObject(refusal(sentence));
  });
});
