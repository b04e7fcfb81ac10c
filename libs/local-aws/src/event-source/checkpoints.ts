import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Position } from "./stream/stream-source.ts";

/** How far each shard has been handled. Kept on disk when there is a file, else as long as the process lives. */
export interface Checkpoints {
  position(shard: string): Position;
  finished(shard: string): boolean;
  /** Everything up to and including `sequenceNumber` is done with. */
  advance(shard: string, sequenceNumber: string): void;
  /** The shard is closed and handled to its end: its children may start. */
  finish(shard: string): void;
  /** Drops the shards that the stream no longer lists. */
  keepOnly(shards: readonly string[]): void;
}

interface Saved {
  readonly streamArn: string;
  readonly shards: Record<string, { readonly after?: string; readonly finished?: boolean }>;
}

/**
 * A checkpoint of another stream (the table was deleted and made again) or one that cannot be read counts as none: reading starts
 * at the oldest record kept, and the inbox of each subscriber takes the repetitions.
 */
export function openCheckpoints(streamArn: string, file?: string): Checkpoints {
  const saved = file === undefined ? undefined : load(file);
  const shards = new Map(Object.entries(saved?.streamArn === streamArn ? saved.shards : {}));
  const save = () => {
    if (file !== undefined) store(file, { streamArn, shards: Object.fromEntries(shards) });
  };
  return {
    position: (shard) => {
      const after = shards.get(shard)?.after;
      return after === undefined ? "horizon" : { after };
    },
    finished: (shard) => shards.get(shard)?.finished === true,
    advance: (shard, sequenceNumber) => {
      shards.set(shard, { after: sequenceNumber });
      save();
    },
    finish: (shard) => {
      shards.set(shard, { ...shards.get(shard), finished: true });
      save();
    },
    keepOnly: (known) => {
      const forgotten = [...shards.keys()].filter((shard) => !known.includes(shard));
      for (const shard of forgotten) shards.delete(shard);
      if (forgotten.length > 0) save();
    },
  };
}

function load(file: string): Saved | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Saved;
  } catch {
    return undefined;
  }
}

/** Renaming is atomic: a process killed here leaves the old file or the new one, never half of either. */
function store(file: string, saved: Saved): void {
  writeFileSync(`${file}.next`, JSON.stringify(saved));
  renameSync(`${file}.next`, file);
}
