import type { KeySpec, MappingSpec, QueueSpec, SubscriptionSpec, TableSpec, Topology } from "@doubleshot/topology";
import type { Template } from "aws-cdk-lib/assertions";

interface KeyElement {
  readonly AttributeName: string;
}

interface TableProperties {
  readonly TableName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly AttributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: "S" | "N" }[];
  readonly GlobalSecondaryIndexes?: readonly {
    readonly IndexName: string;
    readonly KeySchema: readonly KeyElement[];
    readonly Projection: { readonly ProjectionType: "ALL" | "KEYS_ONLY" };
  }[];
  readonly StreamSpecification?: { readonly StreamViewType: "NEW_IMAGE" };
  readonly TimeToLiveSpecification?: { readonly AttributeName: string; readonly Enabled: true };
}

interface QueueProperties {
  readonly QueueName: string;
  readonly FifoQueue?: true;
  readonly VisibilityTimeout?: number;
  readonly MessageRetentionPeriod: number;
  readonly RedrivePolicy?: { readonly deadLetterTargetArn: Reference; readonly maxReceiveCount: number };
}

interface SubscriptionProperties {
  readonly TopicArn: Reference;
  readonly Endpoint: Reference;
  readonly RedrivePolicy: { readonly deadLetterTargetArn: Reference };
}

interface FunctionProperties {
  readonly FunctionName: string;
  readonly Timeout: number;
  readonly MemorySize: number;
  readonly Environment: {
    readonly Variables: { readonly SOURCE: string; readonly TOPIC_ARN: Reference; readonly PARKED_TABLE: Reference };
  };
}

interface MappingProperties {
  readonly FunctionName: Reference;
  readonly EventSourceArn: Reference;
  readonly DestinationConfig: { readonly OnFailure: { readonly Destination: Reference } };
  readonly StartingPosition: "TRIM_HORIZON";
  readonly BatchSize: number;
  readonly MaximumBatchingWindowInSeconds: number;
  readonly ParallelizationFactor: number;
  readonly FunctionResponseTypes: readonly string[];
  readonly BisectBatchOnFunctionError: boolean;
  readonly MaximumRetryAttempts: number;
  readonly MaximumRecordAgeInSeconds: number;
  readonly FilterCriteria: { readonly Filters: readonly { readonly Pattern: string }[] };
}

type Reference = { readonly Ref: string } | { readonly "Fn::GetAtt": readonly [string, string] };

/** The resources of a template as a topology: the one that `provision()` would make the same from. */
export function topologyOf(template: Template, shop: string): Omit<Topology, "services" | "buckets"> {
  const reader = new TemplateReader(template, shop);
  const { tables, topics, queues } = reader;
  return {
    tables: Object.fromEntries(tables.map((table) => [reader.short(table.TableName), tableSpec(table)])),
    topics: Object.fromEntries(topics.map(({ TopicName }) => [reader.short(TopicName), { fifo: true }])),
    queues: Object.fromEntries(queues.map((queue) => [reader.short(queue.QueueName), reader.queueSpec(queue)])),
    subscriptions: reader
      .all<SubscriptionProperties>("AWS::SNS::Subscription")
      .map((each) => reader.subscription(each)),
    mappings: reader.mappings(),
  };
}

class TemplateReader {
  readonly #template: Template;
  readonly #shop: string;

  constructor(template: Template, shop: string) {
    this.#template = template;
    this.#shop = shop;
  }

  all<Properties>(type: string): Properties[] {
    return Object.values(this.#template.findResources(type)).map(({ Properties }) => Properties as Properties);
  }

  get tables(): TableProperties[] {
    return this.all("AWS::DynamoDB::Table");
  }

  /** The topic of the alarms is no FIFO topic. */
  get topics(): { readonly TopicName: string }[] {
    return this.all<{ TopicName: string; FifoTopic?: true }>("AWS::SNS::Topic").filter(({ FifoTopic }) => FifoTopic);
  }

  get queues(): QueueProperties[] {
    return this.all("AWS::SQS::Queue");
  }

  queueSpec({ FifoQueue, VisibilityTimeout, MessageRetentionPeriod, RedrivePolicy }: QueueProperties): QueueSpec {
    return {
      fifo: FifoQueue === true,
      ...(VisibilityTimeout !== undefined && { visibilityTimeoutSeconds: VisibilityTimeout }),
      retentionSeconds: MessageRetentionPeriod,
      ...(RedrivePolicy && {
        deadLetter: {
          queue: this.#nameOf(RedrivePolicy.deadLetterTargetArn),
          maxReceiveCount: RedrivePolicy.maxReceiveCount,
        },
      }),
    };
  }

  subscription({ TopicArn, Endpoint, RedrivePolicy }: SubscriptionProperties): Omit<SubscriptionSpec, "handles"> & {
    readonly handles: [];
  } {
    return {
      topic: this.#nameOf(TopicArn),
      queue: this.#nameOf(Endpoint),
      undelivered: this.#nameOf(RedrivePolicy.deadLetterTargetArn),
      handles: [],
    };
  }

  mappings(): Record<string, MappingSpec> {
    const functions = this.#template.findResources("AWS::Lambda::Function");
    const specs = this.all<MappingProperties>("AWS::Lambda::EventSourceMapping").map((mapping) => {
      const { Properties } = functions[idOf(mapping.FunctionName)] ?? {};
      const { FunctionName, Timeout, MemorySize, Environment } = Properties as FunctionProperties;
      const { SOURCE, TOPIC_ARN, PARKED_TABLE } = Environment.Variables;
      const spec: MappingSpec = {
        table: this.#nameOf(mapping.EventSourceArn),
        publishesTo: this.#nameOf(TOPIC_ARN),
        source: SOURCE,
        onFailure: this.#nameOf(mapping.DestinationConfig.OnFailure.Destination),
        parked: this.#nameOf(PARKED_TABLE),
        startingPosition: mapping.StartingPosition,
        batchSize: mapping.BatchSize,
        maximumBatchingWindowSeconds: mapping.MaximumBatchingWindowInSeconds,
        parallelizationFactor: mapping.ParallelizationFactor,
        reportBatchItemFailures: mapping.FunctionResponseTypes.includes("ReportBatchItemFailures"),
        bisectBatchOnFunctionError: mapping.BisectBatchOnFunctionError,
        maximumRetryAttempts: mapping.MaximumRetryAttempts,
        maximumRecordAgeSeconds: mapping.MaximumRecordAgeInSeconds,
        filter: JSON.parse(mapping.FilterCriteria.Filters[0]?.Pattern ?? ""),
        functionTimeoutSeconds: Timeout,
        functionMemoryMegabytes: MemorySize,
      };
      return [this.short(FunctionName), spec] as const;
    });
    return Object.fromEntries(specs);
  }

  /** Short name of the referenced resource. */
  #nameOf(reference: Reference): string {
    const { Properties } = this.#template.toJSON().Resources[idOf(reference)];
    return this.short(Properties.TableName ?? Properties.TopicName ?? Properties.QueueName);
  }

  short(name: string | undefined): string {
    const prefix = `${this.#shop}-`;
    if (!name?.startsWith(prefix)) throw new Error(`${name} does not begin with ${prefix}.`);
    return name.slice(prefix.length);
  }
}

function tableSpec(table: TableProperties): TableSpec {
  const indexes = (table.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema, Projection }) => {
    return [IndexName, { ...keySpec(table, KeySchema), projection: Projection.ProjectionType }] as const;
  });
  return {
    key: keySpec(table, table.KeySchema),
    ...(indexes.length > 0 && { indexes: Object.fromEntries(indexes) }),
    ...(table.StreamSpecification && { stream: table.StreamSpecification.StreamViewType }),
    ...(table.TimeToLiveSpecification && { ttl: table.TimeToLiveSpecification.AttributeName }),
  };
}

function keySpec({ AttributeDefinitions }: TableProperties, schema: readonly KeyElement[]): KeySpec {
  const attribute = ({ AttributeName: name }: KeyElement) => {
    const type = AttributeDefinitions.find((each) => each.AttributeName === name)?.AttributeType;
    if (type === undefined) throw new Error(`The key ${name} has no definition.`);
    return { name, type };
  };
  const [partition, sort] = schema.map(attribute);
  if (partition === undefined) throw new Error("A table has no key.");
  return { partition, ...(sort && { sort }) };
}

function idOf(reference: Reference): string {
  return "Ref" in reference ? reference.Ref : reference["Fn::GetAtt"][0];
}
