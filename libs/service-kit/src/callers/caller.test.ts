import { describe, expect, test } from "vitest";
import { openApp } from "../app.fixture.ts";
import { callerAt, callerOf } from "./caller.ts";

const ada = "198.51.100.9";

describe("one IPv4 address, however it is written", () => {
  test.each([
    "198.51.100.9",
    " 198.51.100.9 ",
    '"198.51.100.9"',
    "198.51.100.9:17085",
    '"198.51.100.9:17085"',
    "198.51.100.9:_hidden",
    "[198.51.100.9]",
    "[198.51.100.9]:443",
    "::ffff:198.51.100.9",
    "::FFFF:198.51.100.9",
    "::ffff:c633:6409",
    "0000:0000:0000:0000:0000:ffff:c633:6409",
    "[::ffff:c633:6409]:443",
    "::ffff:c633:6409%eth0",
    "::ffff:0:c633:6409",
    "64:ff9b::c633:6409",
    "0064:FF9B::198.51.100.9",
    "[64:ff9b::c633:6409]:8080",
    "for=198.51.100.9",
    'For="198.51.100.9:17085";proto=https',
    'for="[::ffff:c633:6409]:443"',
  ])("%s", (address) => expect(callerAt(address)).toEqual({ id: ada, isNamed: true }));
});

describe("one IPv6 network of 64 bits, however it is written", () => {
  test.each([
    "2001:db8:0:7::1",
    "2001:DB8:0000:0007:ffff::2",
    "2001:0db8:0:7:0:0:0:1",
    "[2001:db8:0:7::1]",
    "[2001:db8:0:7::1]:443",
    '"[2001:db8:0:7::1]:443"',
    "2001:db8:0:7::1%eth0",
    "[2001:db8:0:7::1%25eth0]:443",
    'for="[2001:db8:0:7::1]:4711";by=203.0.113.43',
  ])("%s", (address) => expect(callerAt(address)).toEqual({ id: "2001:db8:0:7::/64", isNamed: true }));
});

describe("one whole address outside the global networks", () => {
  test.each([
    ["::1", "::1"],
    ["[::1]:443", "::1"],
    ["fe80::1", "fe80::1"],
    ["[FE80::2]:443", "fe80::2"],
    ["fe80::1%eth0", "fe80::1%eth0"],
    ["febf::1%eth0", "febf::1%eth0"],
    ["fe80::1%eth1", "fe80::1%eth1"],
    ["[fe80:0::2%eth0]:443", "fe80::2%eth0"],
    ["fec0::1%eth0", "fec0::1"],
    ["fd00::1%eth0", "fd00::1"],
    ["fd00::2", "fd00::2"],
    ["64:ff9b:1::c633:6409", "64:ff9b:1::c633:6409"],
    ["64:ff9b:1::c633:640a", "64:ff9b:1::c633:640a"],
    ["2001:0:4136:e378::1", "2001:0:4136:e378::1"],
    ["2001:0:4136:e378::2", "2001:0:4136:e378::2"],
  ])("%s is %s", (address, id) => expect(callerAt(address)).toEqual({ id, isNamed: true }));
});

const unreadable = [
  "_hidden",
  "_other",
  "203.000.113.007",
  "010.0.0.1",
  "0x7f.1",
  "3325256713",
  "198.51.100",
  "198.51.100.9:port",
  "198.51.100.9:1:2",
  "[198.51.100.9",
  "[2001:db8::1]x",
  "2001:db8::1::2",
  "12345::1",
  "fe80::1%",
  "fe80::1%a%b",
  "fe80::1%a#b",
  "client.example",
  "a#b",
  "x".repeat(15_000),
];

test("texts that are no address have an id each, which is neither an address nor shared by another proxy's client", () => {
  const callers = [...unreadable, "unknown"].flatMap((text) => [
    callerAt(text, "10.0.0.1"),
    callerAt(text, "10.0.0.2"),
  ]);
  expect(new Set(callers.map(({ id }) => id)).size).toBe(2 * (unreadable.length + 1));
  for (const { id } of callers) expect(id).toMatch(/^unreadable:[\w-]{22}$/);
  for (const text of unreadable) expect(callerAt(text)).toMatchObject({ isNamed: true, unreadable: text });
  expect(callerAt("_hidden", "10.0.0.1")).toEqual(callerAt("_hidden", "10.0.0.1"));
});

test.each(["", " ", "unknown", "Unknown", '"unknown"'])("%j names nobody", (text) => {
  expect(callerAt(text)).toMatchObject({ isNamed: false, unreadable: text });
});

describe("behind proxies", () => {
  const callerSeen = async (trustProxy: number | string[], forwarded: [string, string][]) => {
    await using app = await openApp(
      (app) => app.get("/me", (request, response) => void response.json(callerOf(request))),
      {
        trustProxy,
      },
    );
    const response = await fetch(`${app.url}/me`, { headers: forwarded });
    return { ...Object(await response.json()), lines: app.lines };
  };
  const by = (...entries: string[]) => entries.map((entry): [string, string] => ["x-forwarded-for", entry]);

  test("the caller is the one that the number of proxies leads to, in one header or in several", async () => {
    expect(await callerSeen(1, by("192.0.2.1, 198.51.100.9:17085"))).toMatchObject({ id: ada });
    expect(await callerSeen(2, by("192.0.2.1", "198.51.100.9:17085", "10.0.0.1:443"))).toMatchObject({ id: ada });
  });

  test.each(["10.0.0.1:443", "[::ffff:10.0.0.1]:443", "::ffff:a00:1"])("%s is a proxy of 10.0.0.0/8", async (proxy) => {
    const seen = await callerSeen(["loopback", "10.0.0.0/8"], by(`192.0.2.1, 198.51.100.9:17085, ${proxy}`));
    expect(seen.id).toBe(ada);
  });

  test.each<[string, number | string[], [string, string][]]>([
    ["the only proxy sends no header", 1, []],
    ["the only proxy sends an empty header", 1, by("")],
    ["the only proxy sends a header without an entry", 1, by(" , ")],
    ["the inner one of two proxies sends the outer one alone", 2, by("10.0.0.1")],
    ["a proxy that is known by its network sends no header", ["loopback"], []],
  ])("no client has the proxy's own address, and the log says so, when %s", async (_, trustProxy, forwarded) => {
    const seen = await callerSeen(trustProxy, forwarded);
    expect(seen).toMatchObject({ isNamed: false, id: expect.stringMatching(/^unreadable:/) });
    const warnings = seen.lines.filter(({ level }: { level: string }) => level === "warn");
    expect(warnings).toMatchObject([
      { address: "", proxy: "127.0.0.1", msg: expect.stringMatching(/X-Forwarded-For$/) },
    ]);
  });

  test.each<[string, number | string[], [string, string][], string]>([
    ["that connects directly, where no proxy is trusted", 0, [], "127.0.0.1"],
    ["that connects directly, where another peer is trusted", ["10.0.0.0/8"], by(ada), "127.0.0.1"],
    ["in the network of its proxy", ["loopback"], by("127.0.0.9"), "127.0.0.9"],
  ])("a client %s is named", async (_, trustProxy, forwarded, id) => {
    const seen = await callerSeen(trustProxy, forwarded);
    expect(seen).toMatchObject({ isNamed: true, id });
    expect(seen.lines.filter(({ level }: { level: string }) => level === "warn")).toEqual([]);
  });

  test("a probe without a forwarded address is logged by nobody", async () => {
    await using app = await openApp(() => undefined, { trustProxy: 1 });
    expect((await fetch(`${app.url}/readyz`)).status).toBe(200);
    expect(app.lines.filter(({ level }) => level === "warn")).toEqual([]);
  });

  test("an address that cannot be read is logged, once a minute", async () => {
    await using app = await openApp(
      (app) => app.get("/me", (request, response) => void response.json(callerOf(request))),
      {
        trustProxy: 1,
      },
    );
    const read = (address: string) => fetch(`${app.url}/me`, { headers: { "x-forwarded-for": address } });
    await read(ada);
    await Promise.all(["_one", "_two", "_one"].map(read));
    const warnings = app.lines.filter(({ level }) => level === "warn");
    expect(warnings).toMatchObject([{ address: expect.stringMatching(/^_(one|two)$/), proxy: "127.0.0.1" }]);
  });
});
