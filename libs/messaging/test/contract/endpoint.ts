import type { SNSClient } from "@aws-sdk/client-sns";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

/** An endpoint for the contract suite: AWS or an emulator, with a service's tables, topic and queue. */
export interface ContractEndpoint extends AsyncDisposable {
  /** Creates clients that share nothing with earlier ones. They live as long as the endpoint. */
  newClients(): ContractClients;
  readonly tables: { readonly notes: string; readonly outbox: string; readonly inbox: string };
  readonly topicArn: string;
  /** Subscribed to the topic, to which the relay publishes the outbox's events. */
  readonly queueUrl: string;
}

export interface ContractClients {
  readonly documents: DynamoDBDocumentClient;
  readonly sns: SNSClient;
  /** Its request timeout allows for a long poll of twenty seconds. */
  readonly sqs: SQSClient;
}
