import { expect, test } from "vitest";
import { fakeAws, useService } from "./testing/index.ts";
import { manifest, tiny } from "./tiny-service.fixture.ts";

const here = useService(manifest, tiny, fakeAws);

test("the counters of a subscriber are exposed before they count anything", async () => {
  const { url } = await here.start();
  const text = await (await fetch(`${url}/metrics`)).text();
  const counters = [...text.matchAll(/^(subscriber_\w+_total)\{subscriber="tiny"\} 0$/gm)].map(([, name]) => name);
  expect(counters.toSorted()).toEqual([
    "subscriber_conflicts_total",
    "subscriber_dead_lettered_total",
    "subscriber_regressions_total",
    "subscriber_retries_total",
  ]);
});
