/**
 * Returns the name of a table, topic, queue or mapping on an endpoint: `doubleshot` + `notes-outbox` ->
 * `doubleshot-notes-outbox`. An empty shop leaves the name unchanged.
 */
export function physicalName(shop: string, name: string): string {
  return shop === "" ? name : `${shop}-${name}`;
}
