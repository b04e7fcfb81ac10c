import type { ServerResponse } from "node:http";
import { fakeAws } from "@doubleshot/service-host/testing";
import { describe, expect, test } from "vitest";
import { useBarista } from "../barista-service.fixture.ts";
import { serveBar } from "./bar-over-http.fixture.ts";

const service = useBarista(fakeAws);

describe("a barista who hangs up", () => {
  /** This holds the claim until the server knows that the caller has gone. */
  function hangUp() {
    const asked = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    const before = (response: ServerResponse) => void response.once("close", () => gone.resolve());
    return { asked, gone, before };
  }

  test("before the claim was made claims nothing", async () => {
    const { asked, gone, before } = hangUp();
    const { start, store, claim, ids } = await serveBar(service, "gone-before", { count: 1, before });
    const read = store.waiting.bind(store);
    store.waiting = async (...page) => {
      asked.resolve();
      await gone.promise;
      return read(...page);
    };
    const caller = new AbortController();
    const answer = start({ signal: caller.signal });
    await asked.promise;
    caller.abort();
    await expect(answer).rejects.toThrow();
    expect((await claim())?.id).toBe(ids[0]);
    expect(await store.get(ids[0] ?? "")).toMatchObject({ version: 2 });
  });

  test("while the answer was on its way gives the order back", async () => {
    // The half of an answer that the kernel would not take: it takes all of one as short as this.
    const before = (response: ServerResponse) => {
      response.end = (answer?: unknown) => {
        response.write(String(answer).slice(0, 10), () => response.destroy());
        return response;
      };
    };
    const { start, store, answerWithClaim, ids } = await serveBar(service, "gone-halfway", { count: 1, before });
    await expect(start().then((response) => response.json())).rejects.toThrow();
    await expect.poll(() => store.get(ids[0] ?? "")).toMatchObject({ status: "QUEUED", version: 3 });
    await answerWithClaim.settled();
  });

  test("before the answer was out gives the order back to the head of the line", async () => {
    const { asked, gone, before } = hangUp();
    const { start, claims, store, answerWithClaim, ids } = await serveBar(service, "gone-after", { count: 2, before });
    const claim = claims.claim.bind(claims);
    claims.claim = async (...asking) => {
      const claimed = await claim(...asking);
      asked.resolve();
      await gone.promise;
      return claimed;
    };
    const caller = new AbortController();
    const answer = start({ signal: caller.signal });
    await asked.promise;
    caller.abort();
    await expect(answer).rejects.toThrow();
    await expect.poll(() => store.get(ids[0] ?? "")).toMatchObject({ status: "QUEUED" });
    await answerWithClaim.settled();
    claims.claim = claim;
    expect(await (await start()).json()).toMatchObject({ order_id: ids[0] });
  });
});
