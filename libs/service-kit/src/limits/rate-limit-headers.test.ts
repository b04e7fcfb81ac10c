import { expect, test } from "vitest";
import { rateLimitHeaders } from "./rate-limit-headers.ts";

test("a caller learns its policy and its quota, in whole seconds", () => {
  const headers = rateLimitHeaders("orders", { burst: 10, perSecond: 3 });
  expect(headers({ left: 4, fullInSeconds: 2, nextInSeconds: 0 })).toEqual({
    "RateLimit-Policy": '"orders";q=10;w=4',
    RateLimit: '"orders";r=4;t=2',
  });
});
