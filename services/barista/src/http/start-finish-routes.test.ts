import { get } from "node:http";
import { fakeAws } from "@doubleshot/service-host/testing";
import { describe, expect, test } from "vitest";
import { delivery, placeOrder } from "../bar-instance.fixture.ts";
import { useBarista } from "../barista-service.fixture.ts";
import { claimedTicketJson, finishedTicketJson } from "../ticket/ticket-json.ts";
import { expectProblem, serveBar } from "./bar-over-http.fixture.ts";

const service = useBarista(fakeAws);

test("POST /start/ claims as GET does, also for a caller that says prefetch, and answers 204 when nothing waits", async () => {
  const { post, ids } = await serveBar(service, "start-by-post", { count: 1 });
  const response = await post("/start/", undefined, { "sec-purpose": "prefetch" });
  expect(await response.json()).toMatchObject({ order_id: ids[0], status: "STARTED" });
  expect((await post("/start/")).status).toBe(204);
});

describe("GET /start/", () => {
  test("claims the order at the head of the line, and says how long it is held", async () => {
    const { start, ids, clock } = await serveBar(service, "start", { count: 1 });
    const response = await start();
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const claimed = claimedTicketJson.parse(await response.json());
    expect(claimed).toMatchObject({
      order_id: ids[0],
      items: [{ sku: "americano", quantity: 1 }],
      status: "STARTED",
      lease_expires_at: new Date(clock.now().getTime() + 10_000).toISOString(),
    });
  });

  test("answers 204 when nothing waits", async () => {
    const { start } = await serveBar(service, "nothing");
    const response = await start();
    expect(response.status).toBe(204);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.text()).toBe("");
  });

  test("is the same without the slash", async () => {
    const { url, ids } = await serveBar(service, "slash", { count: 1 });
    const response = await fetch(`${url}/start`);
    expect(await response.json()).toMatchObject({ order_id: ids[0] });
  });

  test("calls out whatever name the customer gave", async () => {
    const { start, subscriber, clock } = await serveBar(service, "names");
    const name = "Zoë ☕ \u0000\u001b[31m\n\u2028 \u{1F9D1}\u200d\u{1F680}";
    const { body } = await placeOrder(service, { clock, name });
    await subscriber.handle(delivery(body));
    expect(await (await start()).json()).toMatchObject({ name });
  });

  test("claims nothing for a HEAD, whose caller would not see the claim", async () => {
    const { start, claim, ids } = await serveBar(service, "head", { count: 1 });
    const response = await start({ method: "HEAD" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, POST");
    expect((await claim())?.id).toBe(ids[0]);
  });

  test.each([
    ["if-none-match", "*"],
    ["if-modified-since", new Date(Date.now() + 86_400_000).toUTCString()],
  ])("is never not modified: %s %s", async (header, value) => {
    const { url } = await serveBar(service, `conditional-${header}`, { count: 1 });
    // Not by fetch, which makes an unconditional request of a conditional one.
    const answered = Promise.withResolvers<number | undefined>();
    get(`${url}/start/`, { headers: { [header]: value } }, (response) => {
      answered.resolve(response.resume().statusCode);
    }).on("error", answered.reject);
    expect(await answered.promise).toBe(200);
  });
});

describe("POST /finish/", () => {
  test("finishes, hands the result over, and answers a repetition the same", async () => {
    const { start, finish, ids } = await serveBar(service, "finish", { count: 1 });
    await start();
    const first = await finish(`order_id=${ids[0]}`, { result: { crema: ["thick", 1e300, { "": null }] } });
    const second = await finish(`order_id=${ids[0]}`, { result: "another" });
    expect([first.status, second.status]).toEqual([200, 200]);
    const finished = finishedTicketJson.parse(await first.json());
    expect(finished).toMatchObject({ order_id: ids[0], result: { crema: ["thick", 1e300, { "": null }] } });
    expect(await second.json()).toEqual(finished);
  });

  test("needs no body, no slash and no certain case", async () => {
    const { start, url, ids } = await serveBar(service, "finish-plain", { count: 1 });
    await start();
    const response = await fetch(`${url}/finish?order_id=${ids[0]?.toUpperCase()}`, { method: "POST" });
    expect(await response.json()).toMatchObject({ order_id: ids[0], status: "FINISHED" });
  });

  test("with a claim token finishes that claim only", async () => {
    const { start, finish, clock, ids } = await serveBar(service, "finish-token", { count: 1 });
    const { claim_token: lost } = claimedTicketJson.parse(await (await start()).json());
    clock.pass(60);
    const { claim_token: held } = claimedTicketJson.parse(await (await start()).json());
    const late = await finish(`order_id=${ids[0]}&claim_token=${lost}`);
    expect(await expectProblem(late, 409)).toContain("another barista");
    expect((await finish(`order_id=${ids[0]}&claim_token=${held}`)).status).toBe(200);
  });

  test("an order nobody started is a conflict that says what to do", async () => {
    const { finish, ids } = await serveBar(service, "finish-early", { count: 1 });
    expect(await expectProblem(await finish(`order_id=${ids[0]}`), 409)).toContain("GET /start/");
  });

  test("a refusal that concerns an order carries its id", async () => {
    const { finish, ids } = await serveBar(service, "refused-id", { count: 1 });
    for (const id of [String(ids[0]), "01a1fc6f-67fa-72ac-a3ff-000000000001"]) {
      expect(await (await finish(`order_id=${id}`)).json()).toMatchObject({ order_id: id });
    }
  });

  test("an order nobody knows is not found", async () => {
    const { finish } = await serveBar(service, "finish-unknown");
    await expectProblem(await finish(`order_id=${crypto.randomUUID()}`), 404);
  });
});

test("while DynamoDB is unavailable, GET /start/ answers 503 with Retry-After", async () => {
  const { start, store } = await serveBar(service, "outage");
  store.waiting = () => Promise.reject(Object.assign(new Error("connect"), { code: "ECONNREFUSED", $metadata: {} }));
  const response = await start();
  expect(response.headers.get("retry-after")).toBe("1");
  await expectProblem(response, 503);
});
