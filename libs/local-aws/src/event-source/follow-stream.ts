import { reason } from "../log.ts";
import { pause } from "../pause.ts";
import { createBackoff } from "./backoff.ts";
import type { EventSource } from "./event-source.ts";
import { readShard } from "./read-shard.ts";
import type { Shard } from "./stream/stream-source.ts";

/**
 * Reads every shard of a stream until the host is stopped, shards beside each other, but a child only once its parent
 * is handled to the end or forgotten by the stream: an item's earlier records are in the parent, and starting early
 * would break the order of that item. Resolves when the last reader has stopped.
 *
 * The list of shards is read again when a shard has ended, which may free its children, and rarely otherwise: dynoxide
 * reads an index entry of each record for it. While there is no list, or no shard in it to read, it is read again soon.
 */
export async function followStream(mapping: EventSource): Promise<void> {
  const { checkpoints, signal, times } = mapping;
  const readers = new Map<string, Promise<void>>();
  const backoff = createBackoff({ minMs: times.minRetryMs, maxMs: times.maxRetryMs }, signal);
  while (!signal.aborted) {
    const shards = await listShards(mapping, backoff.failures === 0);
    // An empty list is an endpoint that is still starting, not a stream that has forgotten everything.
    if (shards.length > 0) checkpoints.keepOnly(shards.map(({ id }) => id));
    for (const { id } of shards.filter((shard) => isDue(shard, shards, mapping) && !readers.has(shard.id))) {
      readers.set(
        id,
        readShard(mapping, id).finally(() => readers.delete(id)),
      );
    }
    if (shards.length === 0 || readers.size === 0) {
      await backoff.wait();
      continue;
    }
    backoff.reset();
    await untilOneEndsOr(times.shardRefreshMs, readers, signal);
  }
  await Promise.all(readers.values());
}

/** An empty list when the endpoint has none. */
async function listShards({ source, log, name, signal }: EventSource, report: boolean): Promise<readonly Shard[]> {
  try {
    return await source.shards();
  } catch (error) {
    if (report && !signal.aborted) {
      log({ level: "warn", msg: "listing shards failed", mapping: name, reason: reason(error) });
    }
    return [];
  }
}

function isDue(shard: Shard, shards: readonly Shard[], { checkpoints }: EventSource): boolean {
  if (checkpoints.finished(shard.id)) return false;
  const { parent } = shard;
  return parent === undefined || checkpoints.finished(parent) || !shards.some(({ id }) => id === parent);
}

async function untilOneEndsOr(ms: number, readers: Map<string, Promise<void>>, signal: AbortSignal): Promise<void> {
  const woken = new AbortController();
  const refresh = pause(ms, AbortSignal.any([signal, woken.signal]));
  await Promise.race([refresh, ...readers.values()]);
  woken.abort();
}
