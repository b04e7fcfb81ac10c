import { expect, test } from "vitest";
import { refusalOfPage } from "./refusal-of-page.ts";

const host = "localhost:9710";

test.each([
  ["an SDK", "POST", { host: "127.0.0.1:9710" }],
  ["an SDK at the address of services", "POST", { host: "127.77.37.238:6697" }],
  ["curl", "GET", { host }],
  ["IPv6", "POST", { host: "[::1]:9710" }],
  ["a bucket's name", "GET", { host: "bucket.localhost:9711" }],
  [
    "a page of the very same address",
    "POST",
    { host, origin: "http://localhost:9710", "sec-fetch-site": "same-origin" },
  ],
  ["a typed address", "GET", { host, "sec-fetch-site": "none" }],
  [
    "a link that a person follows",
    "GET",
    { host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
  ],
])("%s is served", (_, method, headers) => {
  expect(refusalOfPage(method, headers)).toBeUndefined();
});

test.each([
  ["a page", "POST", { host, origin: "https://evil.example" }, "https://evil.example"],
  ["a page that hides its origin", "POST", { host, origin: "null" }, "null"],
  ["a page of another port", "POST", { host, origin: "http://localhost:3000" }, "http://localhost:3000"],
  ["a page under another name of this machine", "POST", { host, origin: "http://127.0.0.1:9710" }, "127.0.0.1"],
  ["a preflight", "OPTIONS", { host, origin: "https://evil.example" }, "https://evil.example"],
  ["an image", "GET", { host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }, "another site"],
  ["an image of another port", "GET", { host, "sec-fetch-site": "same-site" }, "another site"],
  [
    "a frame",
    "GET",
    { host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
    "another site",
  ],
  [
    "a form that navigates",
    "POST",
    { host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
    "another site",
  ],
  ["a name that was made to lead here", "POST", { host: "evil.example:9710" }, '"evil.example:9710"'],
  ["such a page itself", "POST", { host: "evil.example", origin: "http://evil.example" }, '"evil.example"'],
  ["a name that looks like an address", "POST", { host: "127.0.0.1.evil.example" }, "evil.example"],
  ["a name that looks local", "POST", { host: "localhost.evil.example" }, "evil.example"],
  ["this machine's address in the network", "POST", { host: "192.168.1.20:9710" }, "192.168.1.20"],
  ["no name", "POST", {}, '""'],
])("%s is refused, and named", (_, method, headers, named) => {
  expect(refusalOfPage(method, headers)).toContain(named);
});
