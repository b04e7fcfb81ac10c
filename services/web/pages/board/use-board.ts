import { useEffect, useState } from "preact/hooks";
import { Board, type BoardView } from "./board.ts";

const empty: BoardView = {
  connection: "connecting",
  isComplete: false,
  waiting: [],
  brewing: [],
  ready: [],
  now: Date.now(),
};

/** The board as it changes, for as long as the component is shown. */
export function useBoard(): BoardView {
  const [view, setView] = useState(empty);
  useEffect(() => {
    const leaving = new AbortController();
    new Board(setView, leaving.signal);
    return () => leaving.abort();
  }, []);
  return view;
}
