import { fakeAws } from "@doubleshot/service-host/testing";
import { describe, expect, test } from "vitest";
import { queueOrders } from "../bar-instance.fixture.ts";
import { useBarista } from "../barista-service.fixture.ts";
import { claimedTicketJson } from "../ticket/ticket-json.ts";
import { expectProblem, serveBar } from "./bar-over-http.fixture.ts";

const service = useBarista(fakeAws);

const newToken = () => crypto.randomUUID();

async function claimedAt(name: string, lease = {}) {
  const bar = await serveBar(service, name, { count: 2 });
  const claim_token = newToken();
  const response = await bar.post("/claims", { claim_token, ...lease });
  const claimed = claimedTicketJson.parse(await response.json());
  return { ...bar, claim_token, claimed, path: `/claims/${claimed.order_id}` };
}

describe("POST /claims", () => {
  test("claims the next order under the caller's token, for as long as asked", async () => {
    const { claimed, claim_token, ids, clock, post } = await claimedAt("claims", { lease_seconds: 45 });
    expect(claimed).toMatchObject({
      order_id: ids[0],
      claim_token,
      lease_expires_at: new Date(clock.now().getTime() + 45_000).toISOString(),
    });
    const again = await post("/claims", { claim_token });
    expect(again.headers.get("cache-control")).toBe("no-store");
    expect(await again.json()).toEqual(claimed);
  });

  test("answers 204 when nothing waits", async () => {
    const { post } = await serveBar(service, "claims-nothing");
    expect((await post("/claims", { claim_token: newToken() })).status).toBe(204);
  });

  test.each([
    ["?wait=30", {}, null],
    ["", { prefer: "wait=30" }, "wait=30"],
    ["", { prefer: "wait=100000" }, "wait=60"],
  ])("waits for an order: %s %o", async (query, headers, applied) => {
    const { post, claims, clock, ...bar } = await serveBar(service, `claims-wait-${newToken()}`);
    const answer = post(`/claims${query}`, { claim_token: newToken() }, headers);
    await expect.poll(() => claims.waiting).toBe(1);
    const [id] = await queueOrders(service, bar, { clock, count: 1 });
    const response = await answer;
    expect(response.headers.get("preference-applied")).toBe(applied);
    expect(await response.json()).toMatchObject({ order_id: id });
  });

  test("refuses baristas beyond MAX_WAITING, but still returns the claim of a repeated token", async () => {
    const { post, start, claims, clock, ...bar } = await serveBar(service, "claims-crowded", { maxWaiting: 2 });
    const [had] = await queueOrders(service, bar, { clock, count: 1 });
    const claim_token = newToken();
    await post("/claims", { claim_token });
    const waiting = [newToken(), newToken()].map((token) => post("/claims?wait=30", { claim_token: token }));
    await expect.poll(() => claims.waiting).toBe(2);
    for (const refused of [await post("/claims", { claim_token: newToken() }), await start()]) {
      expect(refused.headers.get("retry-after")).toBe("5");
      expect(await expectProblem(refused, 503)).toContain("Too many baristas");
    }
    expect(await (await post("/claims", { claim_token })).json()).toMatchObject({ order_id: had });
    await queueOrders(service, bar, { clock, count: 2 });
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await start()).status).toBe(204);
  });

  test("lets no address keep the others out: one that has most of the places gives way", async () => {
    const { url, claims, clock, ...bar } = await serveBar(service, "claims-shared", { maxWaiting: 10 });
    const poll = (from: string) => fetch(`${url}/start/?wait=60`, { headers: { "x-forwarded-for": from } });
    const attack = Array.from({ length: 10 }, () => poll("192.0.2.66"));
    await expect.poll(() => claims.waiting).toBe(10);
    expect((await poll("192.0.2.66")).status).toBe(503);
    const barista = poll("192.0.2.7");
    const crowdedOut = await Promise.race(attack);
    expect(await expectProblem(crowdedOut, 503)).toContain("Too many baristas");
    await expect.poll(() => claims.waiting).toBe(10);
    await queueOrders(service, bar, { clock, count: 10 });
    expect((await barista).status).toBe(200);
    const statuses = (await Promise.all(attack)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([...Array(9).fill(200), 503]);
  });
});

describe("POST /claims, repeated or refused", () => {
  test("keeps the claim of a caller who hung up for their return", async () => {
    const { post, url, claims, clock, store, ...bar } = await serveBar(service, "claims-gone");
    const claim_token = newToken();
    const gone = new AbortController();
    const claim = claims.claim.bind(claims);
    const committed = Promise.withResolvers<void>();
    claims.claim = async (request) => {
      const claimed = await claim({ ...request, gone: new AbortController().signal });
      gone.abort();
      committed.resolve();
      return claimed;
    };
    const [id = ""] = await queueOrders(service, bar, { clock, count: 1 });
    const first = fetch(`${url}/claims`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ claim_token }),
      signal: gone.signal,
    });
    await expect(first).rejects.toThrow();
    await committed.promise;
    expect(await (await post("/claims", { claim_token })).json()).toMatchObject({ order_id: id });
    expect(await store.get(id)).toMatchObject({ status: "STARTED", version: 2 });
  });

  test("a token that has had its claim is refused", async () => {
    const { post, path, claim_token } = await claimedAt("claims-over");
    await post(`${path}/release`, { claim_token });
    await expectProblem(await post("/claims", { claim_token }), 409);
  });

  test.each([
    ["no token", {}],
    ["a token anybody could think of", { claim_token: "barista-1" }],
    ["a token with spaces", { claim_token: "0123456789 0123456789" }],
    ["a token too long", { claim_token: "x".repeat(129) }],
    ["a lease of no time", { claim_token: newToken(), lease_seconds: 0 }],
    ["a lease for ever", { claim_token: newToken(), lease_seconds: 1e9 }],
    ["a lease in words", { claim_token: newToken(), lease_seconds: "long" }],
    ["a misspelt field", { claim_token: newToken(), leaseSeconds: 5 }],
  ])("%s is a 400", async (_, body) => {
    const { post } = await serveBar(service, "claims-bad");
    await expectProblem(await post("/claims", body), 400);
  });

  test.each(["-1", "61", "soon", "1.5", "1&wait=2"])("?wait=%s is a 400", async (wait) => {
    const { post } = await serveBar(service, "claims-bad-wait");
    await expectProblem(await post(`/claims?wait=${wait}`, { claim_token: newToken() }), 400);
  });
});

describe("POST /claims/{order_id}/finish", () => {
  test("hands the result over, and answers a repetition the same", async () => {
    const { post, path, claim_token } = await claimedAt("claims-finish");
    const first = await post(`${path}/finish`, { claim_token, result: { crema: "thick" } });
    const second = await post(`${path}/finish`, { claim_token });
    expect([first.status, second.status]).toEqual([200, 200]);
    const finished = await first.json();
    expect(finished).toMatchObject({ status: "FINISHED", result: { crema: "thick" } });
    expect(await second.json()).toEqual(finished);
  });

  test("is fine when late, and refused once another barista has claimed the order, also after that one has finished", async () => {
    const { post, path, claim_token, clock, claim, finishes, ...bar } = await claimedAt("claims-late");
    const late = await claimedAt("claims-late-2");
    late.clock.pass(60);
    await late.lapses.ifDue();
    expect((await late.post(`${late.path}/finish`, { claim_token: late.claim_token })).status).toBe(200);

    clock.pass(60);
    await bar.lapses.ifDue();
    const second = await claim();
    expect(await expectProblem(await post(`${path}/finish`, { claim_token }), 409)).toContain("another barista");
    await finishes.finish({ orderId: second?.id ?? "", token: second?.claim.token ?? "" });
    await expectProblem(await post(`${path}/finish`, { claim_token }), 409);
  });

  test("a result over 16 KB, or nested too deep, is refused, and the order stays with its barista", async () => {
    const { post, path, claim_token, store, ids } = await claimedAt("claims-big");
    await expectProblem(await post(`${path}/finish`, { claim_token, result: "x".repeat(17_000) }), 413);
    const deep = JSON.parse("[".repeat(22) + "]".repeat(22));
    await expectProblem(await post(`${path}/finish`, { claim_token, result: deep }), 400);
    expect(await store.get(ids[0] ?? "")).toMatchObject({ status: "STARTED" });
  });
});

describe("POST /claims/{order_id}/heartbeat", () => {
  test("renews the lease", async () => {
    const { post, path, claim_token, clock } = await claimedAt("claims-alive");
    clock.pass(20);
    const response = await post(`${path}/heartbeat`, { claim_token, lease_seconds: 5 });
    expect(await response.json()).toMatchObject({
      claim_token,
      lease_expires_at: new Date(clock.now().getTime() + 5_000).toISOString(),
    });
  });

  test("says that the claim is over", async () => {
    const { post, path, claim_token } = await claimedAt("claims-not-alive");
    await post(`${path}/finish`, { claim_token });
    await expectProblem(await post(`${path}/heartbeat`, { claim_token }), 409);
    await expectProblem(await post(`/claims/${crypto.randomUUID()}/heartbeat`, { claim_token }), 404);
  });
});

describe("POST /claims/{order_id}/release", () => {
  test("puts the order back at its old place, however often it is said", async () => {
    const { post, path, claim_token, claim, ids } = await claimedAt("claims-release");
    for (let time = 0; time < 2; time++) {
      expect((await post(`${path}/release`, { claim_token })).status).toBe(204);
    }
    expect((await claim())?.id).toBe(ids[0]);
    expect((await post(`${path}/release`, { claim_token })).status).toBe(204);
    expect(await claim()).toMatchObject({ id: ids[1] });
    await expectProblem(await post(`/claims/${crypto.randomUUID()}/release`, { claim_token }), 404);
  });
});

test("GET /start/?wait= waits, too", async () => {
  const { get, claims, clock, ...bar } = await serveBar(service, "start-wait");
  const answer = get("/start/?wait=30");
  await expect.poll(() => claims.waiting).toBe(1);
  const [id] = await queueOrders(service, bar, { clock, count: 1 });
  expect(await (await answer).json()).toMatchObject({ order_id: id });
});

test("a ticket that everybody changes at once is a 503 that says to ask again, not a 500", async () => {
  const { post, path, claim_token, store } = await claimedAt("claims-crowd");
  const save = store.save.bind(store);
  // Somebody has always been quicker.
  store.save = (ticket) => save({ ...ticket, version: ticket.version - 1 });
  const response = await post(`${path}/heartbeat`, { claim_token });
  expect(response.headers.get("retry-after")).toBe("1");
  await expectProblem(response, 503);
});
