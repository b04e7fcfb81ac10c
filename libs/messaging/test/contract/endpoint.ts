import type { SNSClient } from "@aws-sdk/client-sns";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

/** Something that the contract suite runs on: AWS, or what wants to pass for it, with a notebook's tables, topic and queue made. */
export interface ContractEndpoint extends AsyncDisposable {
  /** Clients that share nothing with those made before. They live as long as the endpoint. */
  newClients(): ContractClients;
  readonly tables: { readonly notes: string; readonly outbox: string; readonly inbox: string };
  readonly topicArn: string;
  /** Subscribed to the topic, to which the relay publishes what is committed to the outbox. */
  readonly queueUrl: string;
}

export interface ContractClients {
  readonly documents: DynamoDBDocumentClient;
  readonly sns: SNSClient;
  /** May wait for twenty seconds. */
  readonly sqs: SQSClient;
}
