const everyMs = 10_000;

/**
 * Calls `beat` now, every ten seconds, and when the page is back: from the background, from sleep or from a lost network,
 * where timers were slow or stood still and the leases may be about to end.
 *
 * @returns the function that stops it
 */
export function startHeartbeat(beat: () => void): () => void {
  const over = new AbortController();
  beat();
  const timer = setInterval(beat, everyMs);
  document.addEventListener("visibilitychange", beat, { signal: over.signal });
  for (const name of ["pageshow", "online"]) window.addEventListener(name, beat, { signal: over.signal });
  return () => {
    clearInterval(timer);
    over.abort();
  };
}
