import { useEffect, useRef } from "preact/hooks";

/** Rings, if it is on, when the queue has an order that it had not before. */
export function useBell(isOn: boolean, waitingIds: readonly string[]): void {
  const known = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const isNew = waitingIds.some((id) => !known.current.has(id));
    known.current = new Set(waitingIds);
    if (isOn && isNew) ring();
  }, [waitingIds.join()]);
}

function ring(): void {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = 880;
  volume.gain.setValueAtTime(0.2, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.5);
  tone.connect(volume).connect(audio.destination);
  tone.onended = () => void audio.close();
  tone.start();
  tone.stop(audio.currentTime + 0.5);
}
