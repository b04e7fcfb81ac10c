import { get } from "node:http";
import { fakeAws } from "@doubleshot/service-host/testing";
import { expect, test } from "vitest";
import { useBarista } from "../barista-service.fixture.ts";
import { expectProblem, serveBar } from "./bar-over-http.fixture.ts";

const service = useBarista(fakeAws);

/** Status of `GET /start/` with exactly these headers: `fetch` sends no `Purpose` or `User-Agent` of ours. */
function startWith(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve) => {
    get(`${url}/start/`, { headers }, (answer) => resolve(answer.resume().statusCode));
  });
}

test.each([
  ["sec-purpose", "prefetch"],
  ["sec-purpose", "prefetch;prerender"],
  ["sec-purpose", "prefetch;anonymous-client-ip"],
  ["purpose", "prefetch"],
  ["purpose", "Preview"],
  ["x-purpose", "preview"],
  ["x-moz", "prefetch"],
  ["user-agent", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"],
  ["user-agent", "facebookexternalhit/1.1"],
  ["user-agent", "WhatsApp/2.23"],
  ["user-agent", "http.rb/5.1.1 (Mastodon/4.2.1; +https://mastodon.example/)"],
  ["user-agent", "Synapse (bot; +https://github.com/matrix-org/synapse)"],
  ["user-agent", "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)"],
  ["user-agent", "Viber/22.0"],
  ["user-agent", "Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)"],
  ["user-agent", "Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots"],
  ["user-agent", "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)"],
  ["user-agent", "Mozilla/5.0 AppleWebKit/537.36 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"],
  ["user-agent", "Mozilla/5.0 (compatible; Baiduspider/2.0)"],
  ["user-agent", "SomeCrawler/1.0"],
  ["sec-fetch-dest", "image"],
  ["sec-fetch-mode", "no-cors"],
  ["sec-fetch-mode", "websocket"],
])("GET /start/ claims nothing for a request that nobody made: %s: %s", async (name, value) => {
  const { claim, ids, ...bar } = await serveBar(service, "speculative", { count: 1 });
  expect(await startWith(bar.url, { [name]: value })).toBe(403);
  expect((await claim())?.id).toBe(ids[0]);
});

const fetchMetadata = (mode: string, dest: string, site: string) => ({
  "sec-fetch-mode": mode,
  "sec-fetch-dest": dest,
  "sec-fetch-site": site,
});

test.each([
  ["an image of any page", fetchMetadata("no-cors", "image", "cross-site")],
  ["an image of our own page", fetchMetadata("no-cors", "image", "same-origin")],
  ["a frame", fetchMetadata("navigate", "iframe", "cross-site")],
  ["an embedded object", fetchMetadata("navigate", "object", "same-site")],
  ["a script of a foreign page", fetchMetadata("cors", "empty", "cross-site")],
  ["a resource hint without a purpose", fetchMetadata("no-cors", "empty", "same-origin")],
  ["a style sheet", fetchMetadata("cors", "style", "same-origin")],
])("GET /start/ claims nothing for %s", async (_, headers) => {
  const { claim, ids, ...bar } = await serveBar(service, "part-of-page", { count: 1 });
  expect(await startWith(bar.url, headers)).toBe(403);
  expect((await claim())?.id).toBe(ids[0]);
});

test.each([
  ["curl", { "user-agent": "curl/8.5.0" }],
  ["a browser without fetch metadata", { "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0" }],
  ["a phone of Cubot", { "user-agent": "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 50) Chrome/140.0" }],
  ["an address that is typed", fetchMetadata("navigate", "document", "none")],
  ["a link that is followed", fetchMetadata("navigate", "document", "cross-site")],
  ["a script of the same origin", fetchMetadata("cors", "empty", "same-origin")],
  ["a script of a barista's page on another port", fetchMetadata("cors", "empty", "same-site")],
  ["the fetch of Node", { "sec-fetch-mode": "cors", "user-agent": "node" }],
])("GET /start/ claims for %s", async (_, headers) => {
  const { url } = await serveBar(service, "person", { count: 1 });
  expect(await startWith(url, headers)).toBe(200);
});

test("GET /start/ is refused to a prefetch with a problem", async () => {
  const { start } = await serveBar(service, "not-speculative", { count: 1 });
  const refused = await start({ headers: { "x-moz": "prefetch" } });
  expect(refused.headers.get("cache-control")).toBe("no-store");
  expect(await expectProblem(refused, 403)).toContain("POST /start/");
});
