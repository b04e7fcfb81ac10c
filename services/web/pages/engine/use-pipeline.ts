import { useRef, useState } from "preact/hooks";
import type { Failure } from "../shared/shop-api.ts";
import { maxPoints, type Pipeline, type Point, readPipeline } from "./pipeline.ts";
import { usePolled } from "./use-polled.ts";

export interface PipelineView {
  /** The last one that was read, with the points of five minutes. */
  readonly pipeline: Pipeline | undefined;
  readonly failure: Failure | undefined;
}

export function usePipeline(token: string | undefined): PipelineView {
  const [pipeline, setPipeline] = useState<Pipeline>();
  const points = useRef<readonly Point[]>([]);
  const after = () => points.current.at(-1)?.at ?? 0;
  const { failure } = usePolled(
    (signal) => readPipeline(after(), signal),
    (read) => {
      points.current = [...points.current, ...read.points].slice(-maxPoints);
      setPipeline({ ...read, points: points.current });
    },
    token,
  );
  return { pipeline, failure };
}
