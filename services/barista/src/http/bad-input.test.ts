import { fakeAws } from "@doubleshot/service-host/testing";
import { expect, test } from "vitest";
import { useBarista } from "../barista-service.fixture.ts";
import { expectProblem, serveBar } from "./bar-over-http.fixture.ts";

const service = useBarista(fakeAws);

const someId = "0190a1b2-0000-7000-8000-000000000001";
const levels = (count: number) => "[".repeat(count) + "]".repeat(count);

test.each([
  ["no order_id", ""],
  ["an empty order_id", "order_id="],
  ["an order_id that is no id", "order_id=latest"],
  ["a very long order_id", `order_id=${"a".repeat(4000)}`],
  ["two order_ids", `order_id=${someId}&order_id=${someId}`],
  ["an order_id that is an object", `order_id[id]=${someId}`],
  ["an order_id with control characters", `order_id=${someId}%00%0a`],
  ["an order_id that cannot be decoded", "order_id=%ff%zz"],
  ["an empty claim_token", `order_id=${someId}&claim_token=`],
  ["two claim_tokens", `order_id=${someId}&claim_token=a&claim_token=b`],
])("%s is a 400", async (_, query) => {
  const { finish } = await serveBar(service, "bad-query");
  await expectProblem(await finish(query), 400);
});

test.each([
  ["invalid JSON", "{", 400],
  ["a body that is no object", "[]", 400],
  ["a body of null", "null", 400],
  ["a misspelt result", '{"resutl": 1}', 400],
  ["a number too large for a double", '{"result": 1e400}', 400],
  ["a result nested a little too deep", `{"result": ${levels(22)}}`, 400],
  ["8,000 nested brackets", `{"result": ${levels(8000)}}`, 400],
  ["a body over 16 KB", JSON.stringify({ result: "x".repeat(17_000) }), 413],
])("%s is refused, and the order stays with its barista", async (_, body, status) => {
  const { url, start, store, ids } = await serveBar(service, `bad-body-${crypto.randomUUID()}`, { count: 1 });
  await start();
  const headers = { "content-type": "application/json" };
  await expectProblem(await fetch(`${url}/finish/?order_id=${ids[0]}`, { method: "POST", body, headers }), status);
  expect(await store.get(ids[0] ?? "")).toMatchObject({ status: "STARTED" });
});

test.each([
  ["__proto__", '{"a":{"__proto__":{"b":1}}}', /at \/result\/a\/__proto__: .*__proto__/],
  ["an integer beyond 2^53", "[12345678901234567890]", /at \/result\/0: .*or a string/],
  ["a number too large for a double", "1e400", /at \/result: .*send it as a string/],
  ["a number too small for a double", "1e-400", /at \/result: .*send it as a string/],
  ["minus zero", "-0", /send 0/],
  ["a name given twice", '{"a":1,"a":2}', /at \/result\/a: .*once/],
  ["half an emoji", String.raw`"\ud83d"`, /surrogate/],
])(
  "a result with %s is refused in a sentence, at both routes, before anything is stored",
  async (_, result, detail) => {
    const { url, post, store, ids } = await serveBar(service, `inexact-${crypto.randomUUID()}`, { count: 1 });
    const token = crypto.randomUUID();
    await post("/claims", { claim_token: token });
    for (const [path, more] of [
      [`/finish/?order_id=${ids[0]}`, ""],
      [`/claims/${ids[0]}/finish`, `"claim_token":"${token}",`],
    ]) {
      const headers = { "content-type": "application/json" };
      const response = await fetch(url + path, { method: "POST", headers, body: `{${more}"result":${result}}` });
      expect(await expectProblem(response, 400)).toMatch(detail);
    }
    expect(await store.get(ids[0] ?? "")).toMatchObject({ status: "STARTED" });
  },
);

test("a result as deep as allowed is taken", async () => {
  const { start, finish, ids } = await serveBar(service, "deep-result", { count: 1 });
  await start();
  const result = JSON.parse(levels(20));
  expect(await (await finish(`order_id=${ids[0]}`, { result })).json()).toMatchObject({ result });
});

test("a body that is not JSON is refused rather than lost", async () => {
  const { url } = await serveBar(service, "form");
  const response = await fetch(`${url}/finish/?order_id=${someId}`, { method: "POST", body: "result=1" });
  await expectProblem(response, 415);
});

test.each([
  ["PUT", "/start/", 405],
  ["GET", `/finish/?order_id=${someId}`, 405],
  ["DELETE", "/finish/", 405],
  ["GET", "/brew", 404],
  ["GET", "/start/%ff", 400],
])("%s %s is %i", async (method, path, status) => {
  const { url } = await serveBar(service, "routes");
  await expectProblem(await fetch(url + path, { method }), status);
});
