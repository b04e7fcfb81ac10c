/** The name a table, topic, queue or mapping has on an endpoint: `doubleshot` + `orders-outbox` -> `doubleshot-orders-outbox`. Without a shop, names are as they are. */
export function physicalName(shop: string, name: string): string {
  return shop === "" ? name : `${shop}-${name}`;
}
