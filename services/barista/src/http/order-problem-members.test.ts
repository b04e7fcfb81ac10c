import { describeProblemMembers, fakeAws } from "@doubleshot/service-host/testing";
import { coffeeShop } from "@doubleshot/shop";
import { expect, test } from "vitest";
import { useBarista } from "../barista-service.fixture.ts";
import { baristaService } from "../service.ts";
import { serveBar } from "./bar-over-http.fixture.ts";

describeProblemMembers(coffeeShop.services.barista, baristaService, {
  parameter: "order_id",
  of: (id) => ({ order_id: id }),
  empty: ["get /tickets/{order_id}/place"],
});

const service = useBarista(fakeAws);

const claim_token = crypto.randomUUID();

async function expectMember(answer: Promise<Response>, status: number, orderId: string): Promise<void> {
  const response = await answer;
  expect([response.url, response.status]).toEqual([response.url, status]);
  expect(await response.json()).toMatchObject({ order_id: orderId });
}

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
