import { useEffect, useState } from "preact/hooks";
import { engineTexts } from "../shared/engine-texts.ts";
import type { Answer } from "../shared/shop-api.ts";
import { type ParkedAndDead, readParkedAndDead } from "./parked-and-dead.ts";

export interface ParkedAndDeadView {
  readonly lists: ParkedAndDead | undefined;
  readonly message: { readonly text: string; readonly failed: boolean };
  readonly isBusy: boolean;
  readonly refresh: () => Promise<void>;
  /** Runs an action, shows its outcome, and reads the lists again. */
  readonly run: <T>(action: () => Promise<Answer<T>>, outcome: (body: T) => string) => Promise<void>;
}

const silent = { text: "", failed: false };

/** `count` changes when the pipeline has counted other numbers of parked and dead ones: the lists are read again. */
export function useParkedAndDead(count: number): ParkedAndDeadView {
  const [lists, setLists] = useState<ParkedAndDead>();
  const [message, setMessage] = useState(silent);
  const [isBusy, setBusy] = useState(false);
  const read = async () => {
    const answer = await readParkedAndDead();
    if (answer.ok) setLists(answer.body);
    return answer;
  };
  const refresh = async () => {
    setBusy(true);
    const answer = await read();
    setMessage(answer.ok ? silent : { text: answer.detail, failed: true });
    setBusy(false);
  };
  const run: ParkedAndDeadView["run"] = async (action, outcome) => {
    setBusy(true);
    const answer = await action();
    if (!answer.ok) setMessage({ text: engineTexts.parkedAndDead.failed(answer.detail), failed: true });
    else if (answer.body !== undefined) setMessage({ text: outcome(answer.body), failed: false });
    await read();
    setBusy(false);
  };
  // An action changes the count as well, and its outcome stays until the next one.
  const follow = async () => {
    const answer = await read();
    if (!answer.ok) setMessage({ text: answer.detail, failed: true });
  };
  useEffect(() => {
    if (count > 0 || lists !== undefined) void follow();
  }, [count]);
  return { lists, message, isBusy, refresh, run };
}
