import { reason } from "../log.ts";
import { pause } from "../pause.ts";
import type { EventSource } from "./event-source.ts";
import { readShard } from "./read-shard.ts";
import type { Shard } from "./stream-source.ts";

/**
 * Reads every shard of a stream until the host is stopped, shards beside each other, but a child only once its parent
 * is handled to the end or forgotten by the stream: an item's earlier records are in the parent, and starting early
 * would break the order of that item. Resolves when the last reader has stopped.
 */
export async function followStream(mapping: EventSource): Promise<void> {
  const { source, checkpoints, signal } = mapping;
  const readers = new Map<string, Promise<void>>();
  let reported = false;
  while (!signal.aborted) {
    try {
      const shards = await source.shards();
      // An empty list is an endpoint that is still starting, not a stream that has forgotten everything.
      if (shards.length > 0) checkpoints.keepOnly(shards.map(({ id }) => id));
      for (const { id } of shards.filter((shard) => isDue(shard, shards, mapping) && !readers.has(shard.id))) {
        readers.set(
          id,
          readShard(mapping, id).finally(() => readers.delete(id)),
        );
      }
      reported = false;
    } catch (error) {
      if (!reported && !signal.aborted) {
        mapping.log({ level: "warn", msg: "listing shards failed", mapping: mapping.name, reason: reason(error) });
      }
      reported = true;
    }
    // A shard that ends may free its children, so look again at once.
    await untilOneEndsOr(mapping.times.shardRefresh, readers, signal);
  }
  await Promise.all(readers.values());
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
