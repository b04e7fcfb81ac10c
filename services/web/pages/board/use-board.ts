import { useEffect, useRef, useState } from "preact/hooks";
import { Board, type BoardView } from "./board.ts";

const empty: BoardView = {
  connection: "connecting",
  refusal: undefined,
  isComplete: false,
  waiting: [],
  brewing: [],
  ready: [],
  now: Date.now(),
};

/**
 * The board as it changes, for as long as the component is shown. Another token opens it again. On a hidden page it does not
 * change, unless its stream stays open there.
 */
export function useBoard(token: string | undefined, staysOpenHidden: boolean): BoardView {
  const [view, setView] = useState(empty);
  const staysOpen = useRef(staysOpenHidden);
  staysOpen.current = staysOpenHidden;
  useEffect(() => {
    const leaving = new AbortController();
    setView(empty);
    new Board({ onChange: setView, staysOpenHidden: () => staysOpen.current, signal: leaving.signal });
    return () => leaving.abort();
  }, [token]);
  return view;
}
