import { useEffect, useState } from "preact/hooks";
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

/** The board as it changes, for as long as the component is shown. It is opened again with another token. */
export function useBoard(token: string | undefined): BoardView {
  const [view, setView] = useState(empty);
  useEffect(() => {
    const leaving = new AbortController();
    setView(empty);
    new Board(setView, leaving.signal);
    return () => leaving.abort();
  }, [token]);
  return view;
}
