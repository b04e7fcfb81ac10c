import { useEffect, useState } from "preact/hooks";

/** Whether the device has a network. A shop may be unreachable all the same. */
export function useOnline(): boolean {
  const [isOnline, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const leaving = new AbortController();
    const refresh = () => setOnline(navigator.onLine);
    for (const name of ["online", "offline"]) window.addEventListener(name, refresh, { signal: leaving.signal });
    return () => leaving.abort();
  }, []);
  return isOnline;
}
