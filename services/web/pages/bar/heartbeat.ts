const everyMs = 10_000;

/**
 * Calls `beat` now, every ten seconds, when the page's visibility changes, on `pageshow` and on `online`: in the background,
 * during sleep and without a network, timers are slow or stop, and the leases may be about to end.
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
