interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Stops reading a stream when this has come. */
  readonly until?: string;
}

export interface Exchange {
  /** As a person at a terminal would see it. */
  readonly text: string;
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Headers that are worth a line. */
const shown = ["location", "link", "etag", "preference-applied", "retry-after"];

/** Calls a service, and records the call as a curl command, and the answer. */
export async function exchange(url: string, path: string, call: Call = {}): Promise<Exchange> {
  const { method = "GET", json, until } = call;
  const headers = { ...(json === undefined ? {} : { "content-type": "application/json" }), ...call.headers };
  const response = await fetch(url + path, {
    method,
    headers,
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const body = await read(response, until);
  const answer = [
    `${response.status}`,
    ...shown.flatMap((name) => (response.headers.has(name) ? [`${name}: ${response.headers.get(name)}`] : [])),
    ...(body === "" ? [] : [body.trimEnd()]),
  ];
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return {
    text: `$ ${curl({ url: url + path, method, headers, json })}\n${answer.join("\n")}`,
    status: response.status,
    json: isJson ? JSON.parse(body) : {},
  };
}

function curl({ url, method, headers, json }: { url: string; method: string; headers: object; json: unknown }): string {
  const quoted = /[?&{]/.test(url) ? `'${url}'` : url;
  return [
    "curl",
    ...(method === "GET" ? [] : ["-X", method]),
    quoted,
    ...Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`),
    ...(json === undefined ? [] : [`-d '${JSON.stringify(json)}'`]),
  ].join(" ");
}

async function read(response: Response, until: string | undefined): Promise<string> {
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (until !== undefined && text.includes(until)) break;
  }
  return text;
}

/** Times of the examples, by the field that has them. */
const times: Readonly<Record<string, string>> = {
  created_at: "08:30:00.000",
  updated_at: "08:30:00.000",
  placed_at: "08:30:00.000",
  queued_at: "08:30:00.012",
  started_at: "08:30:05.000",
  finished_at: "08:30:40.000",
  completed_at: "08:30:40.000",
  cancel_requested_at: "08:30:19.000",
  cancelled_at: "08:30:20.000",
  rejected_at: "08:30:00.050",
  paid_at: "08:31:00.000",
  lease_expires_at: "08:40:05.000",
};

/** Random texts of the examples, cut, by the field that has them. */
const opaque: Readonly<Record<string, string>> = {
  secret: "a1b2c3...",
  access_token: "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6...",
  x: "Zk9v...",
  y: "R7Qb...",
};

/** The same text for every run: addresses, ids, times, tags and cursors become those of the first run. */
export function settled(text: string, addresses: ReadonlyMap<string, string>): string {
  const ids = new Map<string, string>();
  const idOf = (id: string) => {
    if (!ids.has(id)) ids.set(id, `01a1fc6f-67fa-72ac-a3ff-${String(ids.size + 1).padStart(12, "0")}`);
    return ids.get(id) ?? id;
  };
  let same = text;
  for (const [url, name] of addresses) same = same.replaceAll(url, name);
  return (
    same
      .replaceAll(/"(\w+_at)":"[^"]+"/g, (_, name: string) => `"${name}":"2026-01-31T${times[name]}Z"`)
      .replaceAll(/"at":"[^"]+"/g, '"at":"2026-01-31T08:30:00.000Z"')
      .replaceAll(/"now":"[^"]+"/g, '"now":"2026-01-31T08:30:41.000Z"')
      .replaceAll(/"(secret|access_token|x|y)":"[^"]+"/g, (_, name: string) => `"${name}":"${opaque[name]}"`)
      // An order that was finished a moment ago may still count.
      .replaceAll(/"turn":\d+/g, '"turn":1')
      .replaceAll(/^id: \d{4}-.*$/gm, "id: 2026-01-31T08:30:41.000Z")
      .replaceAll(/(etag: "|^id: )[\w-]{22}("?)$/gm, "$1kAgOhY6fpVbcNOsBzbOLbQ$2")
      .replaceAll(/(cursor=|"next":")[\w%-]+/g, "$1MjAyNi0wMS0zMVQwODozMA")
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, idOf)
  );
}
