import { RecordsTrimmedError, type StreamSource } from "./stream-source.ts";

/**
 * A stream whose endpoint drops records silently: dynoxide goes on at the next record it has, where AWS refuses
 * an iterator before the oldest one. `oldest` returns the sequence number of the oldest record kept. Numbers are
 * consecutive there, so a record is missing exactly when the oldest is not the next one.
 */
export function trimmedStreamSource(source: StreamSource, oldest: () => bigint | undefined): StreamSource {
  return {
    streamArn: source.streamArn,
    shards: () => source.shards(),
    read: (iterator, limit) => source.read(iterator, limit),
    iterator: async (shard, from) => {
      const kept = from === "horizon" ? undefined : oldest();
      if (from !== "horizon" && kept !== undefined && kept > BigInt(from.after) + 1n) {
        throw new RecordsTrimmedError(
          `The records after ${from.after} and before ${kept} are older than 24 hours and gone.`,
        );
      }
      return source.iterator(shard, from);
    },
  };
}
