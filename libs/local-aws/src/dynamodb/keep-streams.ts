import type { Log } from "../log.ts";
import { openStreamRecords, type StreamRecords } from "./stream-records.ts";
import { trimStreams } from "./trim-streams.ts";
import { watchCommits } from "./watch-commits.ts";

export interface KeptStreams {
  readonly oldest: StreamRecords["oldest"];
  stop(): Promise<void>;
}

/**
 * Does for the streams in dynoxide's file what dynoxide does not: trims them, and reports commits, so that the first
 * record after a pause is not read late. A DynamoDB without a file of ours has streams that need neither.
 */
export function keepStreams(file: string | undefined, onCommit: () => void, log: Log): KeptStreams {
  if (file === undefined) return { oldest: () => undefined, stop: async () => undefined };
  const records = openStreamRecords(file);
  const trimming = trimStreams({ records, log });
  const watching = watchCommits(file, onCommit);
  return {
    oldest: records.oldest,
    stop: async () => {
      watching.stop();
      await trimming.stop();
      records.close();
    },
  };
}
