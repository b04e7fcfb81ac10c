import fc from "fast-check";
import type { RawRequest } from "./exchange.ts";
import { forwarded, orders } from "./orders.ts";

/** The paths of a service, and ids that exist there. */
export interface Surface {
  /** As in its OpenAPI document: `/orders/{id}`. */
  readonly paths: readonly string[];
  readonly ids: readonly string[];
}

const methods = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("GET", "POST") },
  { weight: 2, arbitrary: fc.constantFrom("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "PROPFIND") },
  {
    weight: 1,
    arbitrary: fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !/[\s\u0080-\uffff]/.test(text)),
  },
);

/** Text as it may stand in a URL: encoded well, badly, or not at all. */
const segment = fc.oneof(
  fc.uuid(),
  fc.string({ maxLength: 40 }).map(encodeURIComponent),
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom(
    "%",
    "%zz",
    "%00",
    "%E0%A4%A",
    "..",
    "%2e%2e%2f",
    "%F0%9F%98%80",
    "\u00ff\u00fe",
    "a".repeat(7_000),
    "",
  ),
);

const queryName = fc.oneof(
  fc.constantFrom("order_id", "claim_token", "wait", "status", "limit", "cursor", "bar", "__proto__", "limit[]", ""),
  fc.string({ maxLength: 10 }).map(encodeURIComponent),
);
const queryValue = fc.oneof(
  segment,
  fc.constantFrom("0", "-1", "1e9", "20", "PLACED", "QUEUED", "STARTED", "NaN", "null", "9".repeat(400)),
  fc.string({ maxLength: 60 }).map((text) => Buffer.from(text.toWellFormed()).toString("base64url")),
);
const query = fc
  .array(fc.tuple(queryName, queryValue), { maxLength: 4 })
  .map((pairs) => (pairs.length === 0 ? "" : `?${pairs.map(([name, value]) => `${name}=${value}`).join("&")}`));

/** So many addresses that none of them meets a rate limit. */
const addresses = fc.integer({ min: 1, max: 200 }).map((host) => `203.0.113.${host}`);

/** Header values: any byte but those that end a line, which would begin another header. */
const value = fc.oneof(
  fc.string({ maxLength: 50 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, "")),
  fc.uint8Array({ maxLength: 40 }).map((bytes) =>
    Buffer.from(bytes)
      .toString("latin1")
      .replaceAll(/[\r\n\0]/g, ""),
  ),
  fc.constantFrom("", "*", '"', "a,b,,", "x".repeat(3_000)),
);
const known: readonly (readonly [string, fc.Arbitrary<string>])[] = [
  [
    "Content-Type",
    fc.constantFrom(
      "application/json",
      "application/json; charset=utf-16",
      "text/plain",
      "multipart/form-data",
      "application/json;;;",
      "*",
    ),
  ],
  ["Content-Encoding", fc.constantFrom("gzip", "br", "deflate", "identity", "zip", "")],
  [
    "Prefer",
    fc.constantFrom("wait=0", "wait=1", "respond-async", "wait=-1", "wait=x", "respond-async, wait=99999999999"),
  ],
  ["Idempotency-Key", fc.oneof(value, fc.constantFrom("k-1", '"k-2"', "é"))],
  ["If-None-Match", fc.oneof(value, fc.constantFrom("*", 'W/"x"'))],
  ["Last-Event-ID", value],
  ["X-Forwarded-For", fc.oneof(value, fc.constantFrom("::1", "999.9.9.9", "1.2.3.4, 5.6.7.8"))],
  ["X-Correlation-Id", value],
  ["Accept", value],
  ["Expect", fc.constantFrom("100-continue", "200-maybe")],
  ["Range", fc.constantFrom("bytes=0-1", "bytes=x")],
  ["Upgrade", fc.constantFrom("websocket", "h2c")],
  ["Cookie", value],
];
const header = fc.oneof(
  { weight: 8, arbitrary: fc.oneof(...known.map(([name, values]) => values.map((text) => [name, text] as const))) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc
        .stringMatching(/^[A-Za-z-]{1,20}$/)
        .filter((name) => !/^(content-length|transfer-encoding|host|connection)$/i.test(name)),
      value,
    ),
  },
);

const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
/** Bodies with the members that the routes accept, and with arbitrary values. */
const nearly = fc.record(
  {
    items: fc.oneof(
      fc.jsonValue(),
      fc.array(fc.record({ sku: fc.jsonValue(), quantity: fc.jsonValue() }), { maxLength: 3 }),
    ),
    name: fc.oneof(fc.jsonValue(), fc.string({ unit: "binary" })),
    customer_id: fc.jsonValue(),
    order_total: fc.oneof(fc.jsonValue(), fc.double()),
    credit_limit: fc.oneof(fc.jsonValue(), fc.nat()),
    amount: fc.oneof(fc.jsonValue(), fc.nat()),
    result: fc.jsonValue(),
    claim_token: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  { weight: 3, arbitrary: fc.constant(Buffer.alloc(0)) },
  { weight: 4, arbitrary: nearly.map((json) => Buffer.from(JSON.stringify(json))) },
  { weight: 2, arbitrary: fc.jsonValue().map((json) => Buffer.from(JSON.stringify(json))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      Buffer.from("{"),
      Buffer.from('{"__proto__":{"name":1},"constructor":2}'),
      Buffer.from(`{"result":${nested(5_000)}}`),
      Buffer.from(JSON.stringify({ name: "n".repeat(20_000) })),
      Buffer.from('{"order_total":1e400,"items":[{"sku":"a","quantity":1e-7}]}'),
      Buffer.from('{"name":"\\ud800"}'),
    ),
  },
);

/** Requests for every route of the service and for unknown routes, and valid orders. */
export function requests(surface: Surface): fc.Arbitrary<RawRequest> {
  const kind = fc.oneof({ weight: 8, arbitrary: anyRequests(surface) }, { weight: 1, arbitrary: orders });
  return fc.tuple(kind, fc.option(addresses)).map(([request, address]) => forwarded(request, address));
}

function anyRequests({ paths, ids }: Surface): fc.Arbitrary<RawRequest> {
  const id = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...ids) }, { weight: 1, arbitrary: segment });
  const known = fc
    .tuple(fc.constantFrom(...paths), id)
    .map(([path, value]) => path.replaceAll(/\{\w+\}/g, () => value));
  const slash = fc.constantFrom("", "", "", "/", "//");
  const target = fc.oneof(
    { weight: 9, arbitrary: fc.tuple(known, slash, query).map((parts) => parts.join("")) },
    { weight: 1, arbitrary: fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join("/")}`) },
    { weight: 1, arbitrary: fc.constantFrom("*", "//", "http://elsewhere/orders", "/?", "/orders#x", "orders") },
  );
  return fc
    .record({ method: methods, target, headers: fc.array(header, { maxLength: 5 }), body, lie: fc.nat({ max: 40 }) })
    .map(({ lie, ...request }) => ({ ...request, length: lengthOf(request.body, lie) }));
}

/** Mostly the true length; sometimes too much, too little, or none. */
function lengthOf({ length }: Buffer, lie: number): number | undefined {
  if (lie === 0) return length + 10;
  if (lie === 1) return Math.max(0, length - 1);
  return lie === 2 ? undefined : length;
}
