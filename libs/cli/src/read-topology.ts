import { readFileSync } from "node:fs";
import { doubleshot, type Topology } from "@doubleshot/topology";
import { OperatorError } from "./operator-error.ts";

/** The coffee shop's, or that of another system, as JSON in the file that TOPOLOGY names: see docs/adopting.md. */
export function readTopology({ TOPOLOGY: file }: NodeJS.ProcessEnv): Topology {
  if (!file) return doubleshot;
  const topology = parse(file);
  for (const part of ["queues", "subscriptions", "mappings"] as const) {
    if (typeof topology[part] !== "object" || topology[part] === null) {
      throw new OperatorError(
        `TOPOLOGY is ${file}, which has no "${part}": describe the system as docs/adopting.md shows.`,
      );
    }
  }
  return { tables: {}, topics: {}, ...topology } as Topology;
}

function parse(file: string): Partial<Topology> {
  try {
    return Object(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`TOPOLOGY is ${file}, which cannot be read (${reason}): give a JSON file.`);
  }
}
