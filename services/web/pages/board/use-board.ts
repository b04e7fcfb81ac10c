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
 * The board as it changes, for as long as the component is shown. It is opened again with another token. On a page that nobody
 * sees it stands still, unless it is needed there.
 */
export function useBoard(token: string | undefined, isNeededHidden: boolean): BoardView {
  const [view, setView] = useState(empty);
  const needed = useRef(isNeededHidden);
  needed.current = isNeededHidden;
  useEffect(() => {
    const leaving = new AbortController();
    setView(empty);
    new Board({ onChange: setView, isNeededHidden: () => needed.current, signal: leaving.signal });
    return () => leaving.abort();
  }, [token]);
  return view;
}
