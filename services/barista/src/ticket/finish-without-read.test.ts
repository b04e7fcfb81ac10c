import { useLocalAws } from "@doubleshot/service-host/testing";
import { createAwsClients } from "@doubleshot/topology";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openBar, queueOrders, StoppedClock } from "../bar-instance.fixture.ts";
import { useBarista } from "../barista-service.fixture.ts";

const aws = useLocalAws();
const service = useBarista(aws);

/** A bar with one order given out, and another instance of it; `calls` are those of the first since. */
async function oneGivenOut(bar: string) {
  const clock = new StoppedClock();
  const clients = createAwsClients({ endpoints: aws.endpoints });
  onTestFinished(() => clients.destroy());
  const here = openBar(service, { bar, clock, clients });
  const there = openBar(service, { bar, clock });
  const [orderId = ""] = await queueOrders(service, here, { clock, count: 1 });
  const token = (await here.claim())?.claim.token ?? "";
  const send = vi.spyOn(clients.documents, "send");
  const calls = () => send.mock.calls.map(([command]) => command.constructor.name);
  return { here, there, clock, orderId, token, calls };
}

describe("the finish of an order", () => {
  test("claimed here reads nothing", async () => {
    const { here, orderId, token, calls } = await oneGivenOut("given-out-here");
    expect(await here.finishes.finish({ orderId, token })).toMatchObject({ outcome: "finished" });
    expect(calls()).toEqual(["TransactWriteCommand"]);
  });

  test("with a claim that was extended here reads nothing either", async () => {
    const { here, orderId, token, calls } = await oneGivenOut("extended-here");
    expect(await here.extends.extend({ orderId, token, leaseSeconds: 60 })).toMatchObject({ outcome: "extended" });
    expect(await here.finishes.finish({ orderId, token })).toMatchObject({ outcome: "finished" });
    expect(calls()).toEqual(["TransactWriteCommand", "TransactWriteCommand"]);
  });

  test("given to another barista by another process since is refused to the first", async () => {
    const { here, there, clock, orderId, token, calls } = await oneGivenOut("claimed-again-elsewhere");
    clock.pass(60);
    expect(await there.claim()).toMatchObject({ id: orderId });
    expect(await here.finishes.finish({ orderId, token })).toEqual({ outcome: "claimed-by-another" });
    expect(calls()).toEqual(["TransactWriteCommand", "GetCommand"]);
  });

  test("finished by another process since is not finished again", async () => {
    const { here, there, orderId } = await oneGivenOut("finished-elsewhere");
    await there.finishes.finish({ orderId, result: "first" });
    const again = await here.finishes.finish({ orderId, result: "second" });
    expect(again).toMatchObject({ outcome: "finished-before", ticket: { result: "first" } });
  });

  test("by a claim that this process does not know is decided on the table", async () => {
    const { here, there, clock, orderId } = await oneGivenOut("known-elsewhere");
    clock.pass(60);
    const token = (await there.claim())?.claim.token ?? "";
    expect(await here.finishes.finish({ orderId, token })).toMatchObject({ outcome: "finished" });
  });
});
