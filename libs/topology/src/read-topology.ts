import { readFileSync } from "node:fs";
import type { Topology } from "./topology.ts";

/** The variable TOPOLOGY describes no topology. The message is one sentence that names the correction. */
export class TopologyError extends Error {
  override readonly name = "TopologyError";
  readonly exitSentence = true;
}

/** Most commands need these. Tables and topics may be left out: `provision` makes and `status` shows those that are there. */
const required = ["queues", "subscriptions", "mappings"] as const;

/**
 * Reads the variable TOPOLOGY: the path of a JSON file, or the JSON itself.
 *
 * @throws TopologyError when it cannot be read or lacks a part
 */
export function readTopology(text: string): Topology {
  const isJson = text.trimStart().startsWith("{");
  const named = isJson ? "JSON" : text;
  const topology = parse(isJson ? () => text : () => readFileSync(text, "utf8"), named);
  const missing = required.find((part) => typeof topology[part] !== "object" || topology[part] === null);
  if (missing !== undefined) {
    throw new TopologyError(
      `TOPOLOGY is ${named}, which has no "${missing}": describe the system as docs/adopting.md shows.`,
    );
  }
  return { tables: {}, topics: {}, ...topology } as Topology;
}

function parse(read: () => string, named: string): Partial<Topology> {
  try {
    return Object(JSON.parse(read()));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TopologyError(`TOPOLOGY is ${named}, which cannot be read (${reason}): give a JSON file.`);
  }
}
