import type { FaultCommand, FaultsState } from "@doubleshot/local-aws/faults";
import { coffeeShop } from "@doubleshot/shop";
import { describe, expect, onTestFinished, test } from "vitest";
import { openFaultServer } from "./fault-server.ts";
import { type FaultyProcess, type FaultyShop, ShopFaults } from "./shop-faults.ts";

const running: FaultsState = { relays: [{ name: "outbox-relay", isStopped: false, pid: 7 }], armed: [], inflicted: [] };

/** A process that notes its kills and commands, and answers with a running AWS. */
function fakeProcess(name: string, { isUp = true, answer = { outcome: "done", state: running } as unknown } = {}) {
  const calls: (FaultCommand | "kill")[] = [];
  const process: FaultyProcess = {
    name,
    isUp,
    pid: 42,
    kill: async () => void calls.push("kill"),
    request: async (command) => {
      if (!isUp) throw new Error(`${name} is down.`);
      calls.push(command as FaultCommand);
      return answer;
    },
  };
  return { process, calls };
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // The shape of each answer is what the tests check.
  readonly json: Record<string, unknown>;
}

async function open(parts: Partial<FaultyShop>) {
  const faulty: FaultyShop = { aws: undefined, services: [], rush: undefined, ...parts };
  const server = await openFaultServer(new ShopFaults(() => faulty));
  onTestFinished(() => server.close());
  return async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, json: (await response.json()) as Answer["json"] };
  };
}

test("each path has its effect, and is answered with the state", async () => {
  const aws = fakeProcess("aws");
  const counter = fakeProcess("counter");
  const call = await open({ aws: aws.process, services: [counter.process] });
  const state = {
    relays: [{ name: "outbox-relay", stopped: false, pid: 7 }],
    stalled_until: null,
    processes: [
      { name: "counter", up: true, pid: 42 },
      { name: "aws", up: true, pid: 42 },
    ],
    rush: null,
    log: [],
  };
  expect(await call("GET", "/faults")).toMatchObject({ status: 200, json: state });
  await call("POST", "/faults/deliveries", { on: "message", fault: "delay", delay_seconds: 2 });
  await call("POST", "/faults/relays", { action: "kill" });
  await call("POST", "/faults/dynamodb", { stall_seconds: 5 });
  await call("POST", "/faults/processes", { name: "counter" });
  const asked = aws.calls.filter((command) => command !== "kill" && command.kind !== "state");
  expect(asked).toEqual([
    { kind: "delivery", on: "message", fault: "delay", delayMs: 2_000 },
    { kind: "relays", action: "kill" },
    { kind: "stall", ms: 5_000 },
  ]);
  expect(counter.calls).toEqual(["kill"]);
  const { json } = await call("GET", "/faults");
  expect((json.log as { what: string }[]).map(({ what }) => what).sort()).toEqual([
    "process-kill",
    "relays-kill",
    "stall",
  ]);
});

test("deliveries with a fault are in the log, the newest entry first", async () => {
  const event = { id: "1", type: "OrderPlaced", subject: "0198" };
  const inflicted = [
    { at: "2099-01-01T00:00:00.000Z", on: "message", fault: "duplicate", delayMs: 0, queue: "q", event },
  ];
  const { process } = fakeProcess("aws", { answer: { outcome: "done", state: { ...running, inflicted } } });
  const call = await open({ aws: process });
  await call("POST", "/faults/relays", { action: "stop" });
  const { json } = await call("GET", "/faults");
  expect(json.log).toEqual([
    { at: "2099-01-01T00:00:00.000Z", what: "message-duplicate", queue: "q", event },
    { at: expect.any(String), what: "relays-stop" },
  ]);
});

describe("a fault that is impossible is a problem with the next step", () => {
  test.each([
    ["/faults/deliveries", { on: "letter", fault: "drop" }, 'on is "letter": give message or hint.'],
    ["/faults/deliveries", { on: "hint" }, "fault is missing: give duplicate, delay or drop."],
    [
      "/faults/deliveries",
      { on: "hint", fault: "delay", delay_seconds: 900 },
      "delay_seconds is 900: give a number from 0.1 to 5.",
    ],
    ["/faults/relays", { action: "constructor" }, 'action is "constructor": give stop, start or kill.'],
    ["/faults/dynamodb", { stall_seconds: "5" }, 'stall_seconds is "5": give a number from 0.1 to 60.'],
    ["/faults/dynamodb", { stall_seconds: null }, "stall_seconds is null: give a number from 0.1 to 60."],
    ["/faults/processes", { name: "x".repeat(5_000) }, `name is "${"x".repeat(59)}...: give counter or aws.`],
    ["/faults/rush", { orders: 1.5, baristas: 2 }, "orders is 1.5: give a whole number from 1 to 2000."],
    ["/faults/relays", "[]", 'The body is not a JSON object: send one, such as {"action": "kill"}.'],
    ["/faults/relays", "{", 'The body is not a JSON object: send one, such as {"action": "kill"}.'],
  ])("%s %j", async (path, body, detail) => {
    const services = [fakeProcess("counter").process];
    const rush = { program: coffeeShop.rush ?? expect.fail("The shop has a rush."), root: "", env: {} };
    const call = await open({ aws: fakeProcess("aws").process, services, rush });
    const { status, headers, json } = await call("POST", path, body);
    expect([status, headers.get("content-type")]).toEqual([400, "application/problem+json"]);
    expect(json).toEqual({ type: "about:blank", title: "Bad Request", status: 400, detail });
  });

  test("an unknown path, another method, another type and a long body", async () => {
    const call = await open({});
    expect((await call("GET", "/faults/earthquake")).json.detail).toMatch(
      /^There is no \/faults\/earthquake: the paths are/,
    );
    const wrong = await call("GET", "/faults/rush");
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
    const form = { "content-type": "text/plain" };
    expect((await call("POST", "/faults/relays", '{"action":"kill"}', form)).status).toBe(415);
    expect((await call("POST", "/faults/relays", { action: "x".repeat(20_000) })).status).toBe(413);
  });

  test("an AWS that is down or not the shop's, a DynamoDB that is not, a process that starts, and no rush", async () => {
    const down = await open({ aws: fakeProcess("aws", { isUp: false }).process });
    expect(await down("POST", "/faults/relays", { action: "stop" })).toMatchObject({
      status: 503,
      json: { detail: "The embedded AWS is starting: try again in a second." },
    });
    expect(await down("GET", "/faults")).toMatchObject({ status: 200, json: { relays: null } });
    expect(await down("POST", "/faults/processes", { name: "aws" })).toMatchObject({ status: 409 });
    const foreign = await open({ aws: fakeProcess("aws", { answer: { outcome: "not-ours" } }).process });
    expect(await foreign("POST", "/faults/dynamodb", { stall_seconds: 1 })).toMatchObject({ status: 409 });
    const none = await open({});
    expect(await none("POST", "/faults/rush", {})).toMatchObject({ status: 409 });
    expect((await none("POST", "/faults/relays", { action: "stop" })).status).not.toBe(200);
  });
});

test("pages of other origins, and names that are not this machine's, are refused", async () => {
  const aws = fakeProcess("aws");
  const call = await open({ aws: aws.process });
  for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
    expect((await call("POST", "/faults/relays", { action: "kill" }, headers)).status).toBe(403);
  }
  expect(aws.calls).toEqual([]);
});
