/** A copy of rows or documents with the same text for every run: ids and times become `<id 1>`, `<time>` and the like. */
export function stable<T>(rows: T): T {
  const ids = new Map<string, string>();
  const text = JSON.stringify(rows)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
      if (!ids.has(id)) ids.set(id, `<id ${ids.size + 1}>`);
      return ids.get(id) ?? "";
    })
    .replace(/\b[0-9a-z]{21}\b/g, "<instance>")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "<time>")
    .replace(/"day":"\d{4}-\d\d-\d\d#\d"/g, '"day":"<day and shard>"')
    .replace(/"expiresAt":\d{10}\b/g, '"expiresAt":"<epoch seconds>"');
  return JSON.parse(text);
}
