import { useState } from "preact/hooks";
import type { Failure } from "../shared/shop-api.ts";
import { cause, type Faults, readFaults } from "./faults.ts";
import { usePolled } from "./use-polled.ts";

export interface FaultsView {
  readonly faults: Faults | undefined;
  /** Of the last action, or of reading. */
  readonly failure: Failure | undefined;
  readonly isBusy: boolean;
  readonly cause: (what: string, body: object) => Promise<void>;
}

export function useFaults(): FaultsView {
  const [faults, setFaults] = useState<Faults>();
  const [refused, setRefused] = useState<Failure>();
  const [isBusy, setBusy] = useState(false);
  const { failure } = usePolled(readFaults, (read) => {
    setFaults(read);
    // The process that was killed may have been the one that answers.
    setRefused((before) => (before?.kind === "passing" ? undefined : before));
  });
  const act = async (what: string, body: object) => {
    setBusy(true);
    const answer = await cause(what, body);
    setBusy(false);
    setRefused(answer.ok ? undefined : answer);
    if (answer.ok && answer.body) setFaults(answer.body);
  };
  return { faults, failure: refused ?? failure, isBusy, cause: act };
}
