import { fakeAws } from "@doubleshot/service-host/testing";
import { documentOf } from "@doubleshot/service-kit/testing";
import { expect, test } from "vitest";
import { useBarista } from "../barista.fixture.ts";
import { serveBar } from "./serve-bar.fixture.ts";

const service = useBarista(fakeAws);

const claim_token = crypto.randomUUID();

async function expectMember(answer: Promise<Response>, status: number, orderId: string): Promise<void> {
  const response = await answer;
  expect([response.url, response.status]).toEqual([response.url, status]);
  expect(await response.json()).toMatchObject({ order_id: orderId });
}

test("every problem at every route that names an order carries its id", async () => {
  const { url, store, post } = await serveBar(service, "members");
  const { paths, components } = await documentOf(url);
  expect(components.schemas.Problem?.properties).toMatchObject({ order_id: {}, detail: {} });
  const naming = Object.keys(paths).filter((path) =>
    JSON.stringify(paths[path]?.post ?? {}).includes('order_id","in"'),
  );
  expect(naming).toHaveLength(4);
  const get = store.get;
  for (const path of naming) {
    const at = (orderId: string, body: unknown = path === "/finish/" ? {} : { claim_token }) =>
      post(path.includes("{") ? path.replace("{order_id}", orderId) : `${path}?order_id=${orderId}`, body);
    const id = crypto.randomUUID();
    await expectMember(at(id), 404, id);
    await expectMember(at(id.toUpperCase()), 404, id);
    await expectMember(at(id, { sugar: 1 }), 400, id);
    await expectMember(at(id, { claim_token: "x".repeat(17 * 1024) }), 413, id);
    const refusals = [
      [Object.assign(new Error("connect"), { code: "ECONNREFUSED", $metadata: {} }), 503] as const,
      [new Error("a bug"), 500] as const,
    ];
    for (const [error, status] of refusals) {
      store.get = () => Promise.reject(error);
      await expectMember(at(id), status, id);
    }
    store.get = get;
  }
});

test("a claim_token that has had its claim is refused with the id of the order that it held", async () => {
  const { ids, post, finish } = await serveBar(service, "members-over", { count: 1 });
  const [id = ""] = ids;
  expect((await post("/claims", { claim_token })).status).toBe(200);
  expect((await finish(`order_id=${id}`)).status).toBe(200);
  await expectMember(post("/claims", { claim_token }), 409, id);
});

test("a repeated claim in an outage is refused with the id of the order that its token has claimed", async () => {
  const { ids, post, store } = await serveBar(service, "members-outage", { count: 1 });
  expect((await post("/claims", { claim_token })).status).toBe(200);
  store.get = () => Promise.reject(Object.assign(new Error("connect"), { code: "ECONNREFUSED", $metadata: {} }));
  await expectMember(post("/claims", { claim_token }), 503, ids[0] ?? "");
});
