/** SQLite's words in the errors of dynoxide, and the system's for other files. */
const full = /database or disk is full|ENOSPC|No space left on device/;

/** Services repeat what fails every few seconds. */
const pauseMs = 60_000;

/**
 * Returns a function that reads the processes' lines and reports a full disk, at most once a minute. Commits wait meanwhile,
 * and the logs are on the same disk.
 */
export function fullDiskReport(folder: string, report: (line: string) => void): (line: string) => void {
  let reportedAt = Number.NEGATIVE_INFINITY;
  return (line) => {
    if (!full.test(line) || performance.now() - reportedAt < pauseMs) return;
    reportedAt = performance.now();
    report(`The disk of ${folder} is full, and commits wait: free some space, and the shop goes on by itself.`);
  };
}
