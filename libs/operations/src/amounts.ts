/** `0 ms`, `340 ms`, `12 s`, `4 m 10 s`, `3 h 2 m`, `6 d 1 h`: as exact as a reader needs. */
export function span(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  const seconds = Math.floor(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return two(seconds, 60, "m", "s");
  if (seconds < 86_400) return two(Math.floor(seconds / 60), 60, "h", "m");
  return two(Math.floor(seconds / 3_600), 24, "d", "h");
}

function two(amount: number, size: number, large: string, small: string): string {
  const rest = amount % size;
  return `${Math.floor(amount / size)} ${large}${rest === 0 ? "" : ` ${rest} ${small}`}`;
}

/** `1 row`, `1,200 rows`. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount.toLocaleString("en-US")} ${amount === 1 ? one : many}`;
}

/** The cost of a scan of a table of this size. */
export function scanCost({
  rows,
  bytes,
  scanUnits,
}: {
  rows: number;
  bytes: number | undefined;
  scanUnits: number | undefined;
}): string {
  if (bytes === undefined || scanUnits === undefined)
    return `${count(rows, "row")}, of a size that this endpoint does not count`;
  return `${count(rows, "row")}, ${megabytes(bytes)}, ${count(scanUnits, "read unit")}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString("en-US", { maximumFractionDigits: bytes < 1e7 ? 1 : 0 })} MB`;
}
