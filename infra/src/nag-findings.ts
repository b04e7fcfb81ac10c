import { type App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import type { IConstruct } from "constructs";
import type { DataStack } from "./data/data-stack.ts";
import type { ServicesStack } from "./services/services-stack.ts";
import type { Settings } from "./stage.ts";

export interface ShopStacks {
  readonly app: App;
  readonly data: DataStack;
  readonly services: ServicesStack;
  readonly settings: Settings;
}

/** Checks both stacks by the rules of AWS Solutions. A finding that is not explained here fails `npm run synth`. */
export function checkStacks({ app, data, services, settings }: ShopStacks): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  for (const { outbox, subscriber } of data.parts) {
    if (outbox) {
      explain(outbox.failedRecords, "SQS3", "It is the last stop of records that the relay has given up.");
      explain(outbox.relay, "IAM5[Resource::*]", "dynamodb:ListStreams has no resources.");
    }
    if (subscriber) explain(subscriber.undelivered, "SQS3", "It is the last stop of messages that SNS cannot deliver.");
  }
  for (const claims of data.claims) {
    explain(
      claims,
      "S1",
      "Its objects expire, and the services' own rights are the only ones: logs would cost more than they tell.",
    );
  }
  explainServices(services, settings);
}

function explainServices({ door, services }: ServicesStack, { shop }: Settings): void {
  explain(door.accessLogs, "S1", "It holds the access logs themselves.");
  explain(door.balancer, "EC23", "The shop is open to the internet, behind a firewall that limits each address.");
  for (const shopService of services) {
    const { service } = shopService;
    const hintQueues = `arn:<AWS::Partition>:sqs:<AWS::Region>:<AWS::AccountId>:${shop}-${service.names.hintQueues}*`;
    explain(shopService, "ECS2", "The variables are settings of the process, and none is secret.");
    explain(
      shopService,
      `IAM5[Resource::${hintQueues}]`,
      "Each process makes a queue of its own, under a name of chance.",
    );
    explain(
      shopService,
      "IAM5[Resource::*]",
      "sqs:ListQueues, sns:ListTopics and ecr:GetAuthorizationToken have no resources. All other rights name theirs.",
    );
  }
}

function explain(scope: IConstruct, rule: string, reason: string): void {
  Validations.of(scope).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
}
