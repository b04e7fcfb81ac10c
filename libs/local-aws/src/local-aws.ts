import {
  type Attach,
  type AwsClients,
  createAwsClients,
  physicalName,
  provision,
  type Topology,
} from "@doubleshot/topology";
import { type DataFolder, openDataFolder } from "./data-folder.ts";
import { type Dynoxide, startDynoxide } from "./dynamodb/dynoxide.ts";
import { type KeptStreams, keepStreams } from "./dynamodb/keep-streams.ts";
import { sweepExpired } from "./dynamodb/sweep-expired.ts";
import type { HostTimes } from "./event-source/event-source.ts";
import { createPace, defaultPace, type Pace, type PaceOptions } from "./event-source/pace.ts";
import { defaultTimes, type RunningMapping, startMapping } from "./event-source/start-mapping.ts";
import { StreamReads } from "./event-source/stream/stream-reads.ts";
import { DeliveryFaults } from "./faults/delivery-faults.ts";
import { type LocalFaults, localFaults } from "./faults/local-faults.ts";
import { Stall } from "./faults/stall.ts";
import type { FunctionSpec } from "./functions/function-spec.ts";
import { startFunction } from "./functions/start-function.ts";
import type { Log } from "./log.ts";
import { startMessaging } from "./messaging/fauxqs.ts";
import { pause } from "./pause.ts";
import { StartRefusedError } from "./start-refused.ts";

export interface LocalAwsOptions {
  /** Prefix of every name; `doubleshot` by default. */
  readonly shop?: string;
  /** The resources to make at the start; none by default. */
  readonly topology?: Topology;
  /** A folder to keep everything in, or `memory` (the default): nothing outlives `close()`. */
  readonly data?: "memory" | string;
  /** 0 (the default) picks free ones. `messaging` is SNS, SQS and S3. */
  readonly ports?: { readonly dynamodb?: number; readonly messaging?: number };
  /** Another DynamoDB with streams, to be used in place of dynoxide; it keeps its data and its port itself. */
  readonly dynamodbEndpoint?: string;
  /** By the short names of the mappings. A mapping without a function is not attached: its records wait. */
  readonly functions?: Readonly<Record<string, FunctionSpec>>;
  /** How often rows past their TTL are deleted, in milliseconds; 60,000 by default (AWS takes up to days). */
  readonly expirySweepMs?: number;
  readonly times?: Partial<HostTimes>;
  /** How often streams are read: by default 2 ms apart right after traffic, and a second apart in an idle shop. */
  readonly pace?: PaceOptions;
  readonly log?: Log;
}

export interface LocalAws extends AsyncDisposable {
  /** For people, tools and tests. Requests that a web page has sent are refused there. */
  readonly endpoints: { readonly dynamodb: string; readonly sns: string; readonly sqs: string; readonly s3: string };
  /** Environment variables by which a process finds this AWS instead of the real one. */
  readonly env: Readonly<Record<string, string>>;
  /** Clients of this AWS; closed with it. */
  readonly clients: AwsClients;
  /** Processes that belong to it, as they are at the moment; no dynoxide where another DynamoDB is used. */
  readonly pids: { readonly dynoxide?: number; readonly functions: Readonly<Record<string, number | undefined>> };
  /** For people who want to see the services get over them. Nothing on the network leads to it. */
  readonly faults: LocalFaults;
  /** Resolves with a sentence if DynamoDB dies on its own: nothing works any more, close this one and start another. */
  readonly crashed: Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts DynamoDB, SNS, SQS and S3 on 127.0.0.1, makes the topology on them and runs its functions. Many can run side
 * by side. Throws StartRefusedError, with a sentence for the reader, when a port is taken, the data folder is in use or
 * cannot be written, or there is no dynoxide.
 */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const { topology = noResources, shop = "doubleshot", functions = {}, log = () => undefined } = options;
  refuseUnknownFunctions(functions, topology);
  const folder = options.data === undefined || options.data === "memory" ? undefined : openDataFolder(options.data);
  const closers: (() => unknown)[] = [() => folder?.release()];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const closing = new AbortController();
    const deliveries = new DeliveryFaults(topology, shop, (ms) => pause(ms, closing.signal));
    const emulators = await startEmulators(folder, deliveries, options);
    closers.push(emulators.close);
    const { endpoints, dynoxide } = emulators;
    const stall = new Stall(dynoxide.pid);
    closers.push(() => {
      // A stopped process does not read its SIGTERM, and a delayed answer would hold up the end.
      stall.end();
      closing.abort();
    });
    const clients = createAwsClients({ endpoints: { ...endpoints, dynamodb: dynoxide.directUrl } });
    closers.push(() => clients.destroy());
    const reads = new StreamReads(dynoxide.directUrl);
    closers.push(() => reads.close());
    const env = environment({ ...endpoints, dynamodb: dynoxide.serviceUrl });
    const pace = createPace(options.pace ?? defaultPace);
    const streams = keepStreams(dynoxide.file, pace.wake, log);
    closers.push(streams.stop);
    const mappings = new Map<string, RunningMapping>();
    closers.push(() => Promise.all([...mappings.values()].map((mapping) => mapping.stop())));
    const attach = attachTo(mappings, {
      shop,
      functions,
      env,
      clients,
      reads,
      folder,
      times: options.times ?? {},
      pace,
      oldestRecord: streams.oldest,
      log,
    });
    await provision({ topology, shop, clients, attach, log: (line) => log({ level: "info", msg: line }) });
    const sweep = sweepExpired({ topology, shop, clients, everyMs: options.expirySweepMs ?? 60_000, log });
    closers.push(() => sweep.stop());
    return {
      endpoints,
      env,
      clients,
      get pids() {
        const pids = [...mappings].map(([name, { runtime }]) => [name, runtime.pid] as const);
        return { ...(dynoxide.pid !== undefined && { dynoxide: dynoxide.pid }), functions: Object.fromEntries(pids) };
      },
      faults: localFaults({ mappings, deliveries, stall }),
      crashed: dynoxide.crashed,
      close: closeAll,
      [Symbol.asyncDispose]: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

const noResources: Topology = { tables: {}, topics: {}, queues: {}, subscriptions: [], mappings: {} };

function refuseUnknownFunctions(functions: NonNullable<LocalAwsOptions["functions"]>, topology: Topology): void {
  const unknown = Object.keys(functions).find((name) => !(name in topology.mappings));
  if (unknown === undefined) return;
  const known = Object.keys(topology.mappings).join(", ") || "none";
  throw new StartRefusedError(`There is a function for ${unknown}, but no such mapping: the topology has ${known}.`);
}

async function startEmulators(
  folder: DataFolder | undefined,
  deliveries: DeliveryFaults,
  { ports = {}, dynamodbEndpoint }: LocalAwsOptions,
) {
  const onReceive = deliveries.inflict.bind(deliveries);
  const started = await Promise.allSettled([
    dynamodbEndpoint === undefined
      ? startDynoxide({ port: ports.dynamodb ?? 0, ...(folder && { file: folder.tables }) })
      : foreignDynamo(dynamodbEndpoint),
    startMessaging({ port: ports.messaging ?? 0, onReceive, ...(folder && { folder: folder.messages }) }),
  ]);
  const [dynoxide, messaging] = started;
  if (dynoxide.status === "rejected" || messaging.status === "rejected") {
    for (const part of started) if (part.status === "fulfilled") await part.value.close();
    throw dynoxide.status === "rejected" ? dynoxide.reason : (messaging as PromiseRejectedResult).reason;
  }
  const { url } = messaging.value;
  return {
    dynoxide: dynoxide.value,
    endpoints: { dynamodb: dynoxide.value.url, sns: url, sqs: url, s3: url },
    close: async () => {
      await Promise.all([messaging.value.close(), dynoxide.value.close()]);
    },
  };
}

/** A DynamoDB that is not ours to start or to stop. */
async function foreignDynamo(
  url: string,
): Promise<Omit<Dynoxide, "pid" | "file"> & Partial<Pick<Dynoxide, "pid" | "file">>> {
  const crashed = new Promise<never>(() => undefined);
  return { url, directUrl: url, serviceUrl: url, crashed, close: async () => undefined };
}

const environment = (endpoints: LocalAws["endpoints"]) => ({
  AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
  AWS_ENDPOINT_URL_DYNAMODB_STREAMS: endpoints.dynamodb,
  AWS_ENDPOINT_URL_SNS: endpoints.sns,
  AWS_ENDPOINT_URL_SQS: endpoints.sqs,
  AWS_ENDPOINT_URL_S3: endpoints.s3,
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
});

interface Host {
  readonly shop: string;
  readonly functions: Readonly<Record<string, FunctionSpec>>;
  readonly env: Readonly<Record<string, string>>;
  readonly clients: AwsClients;
  readonly reads: StreamReads;
  readonly folder: DataFolder | undefined;
  readonly times: Partial<HostTimes>;
  readonly pace: Pace;
  readonly oldestRecord: KeptStreams["oldest"];
  readonly log: Log;
}

/** How `provision` deploys a mapping here: start its function, follow its stream. */
function attachTo(mappings: Map<string, RunningMapping>, host: Host): Attach {
  return async (name, spec, target) => {
    const wanted = host.functions[name];
    if (wanted === undefined) return "there";
    const physical = physicalName(host.shop, name);
    const functionArn = `arn:aws:lambda:us-east-1:000000000000:function:${physical}`;
    const parkedTable = spec.parked === undefined ? {} : { PARKED_TABLE: physicalName(host.shop, spec.parked) };
    const runtime = await startFunction(wanted, {
      identity: { name: physical, arn: functionArn, memoryMegabytes: spec.functionMemoryMegabytes },
      timeoutSeconds: spec.functionTimeoutSeconds,
      env: { ...host.env, TOPIC_ARN: target.topicArn, SOURCE: spec.source, ...parkedTable },
    });
    const { clients, reads, pace, oldestRecord, log } = host;
    const times = { ...defaultTimes, ...host.times };
    const checkpointFile = host.folder?.checkpoint(physical);
    mappings.set(
      name,
      startMapping({
        name: physical,
        spec,
        target,
        runtime,
        functionArn,
        clients,
        reads,
        oldestRecord,
        checkpointFile,
        times,
        pace,
        log,
      }),
    );
    return "made";
  };
}
