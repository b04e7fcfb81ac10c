import type { IncomingMessage } from "node:http";
import { ProblemError } from "../problems/index.ts";

/** Headers by which browsers announce a request that no person has made (yet), and the words they use in them. */
const purposeHeaders = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
const purposes = ["prefetch", "prerender", "preview", "instant"];

/**
 * Words by which programs say that they read pages: `GPTBot`, `(bot; ...)`, `Baiduspider`, `Snap URL Preview Service`. No
 * letter follows "bot", and Cubot makes phones.
 */
const robot = /(?<!cu)bot(?![a-z])|crawl|spider|preview/;

/** Programs that fetch each link somebody sends, to show a preview of it, by a part of their `User-Agent` without these words. */
const previewers = [
  "facebookexternalhit",
  "slack-imgproxy",
  "whatsapp",
  "google-inspectiontool",
  "google-pagerenderer",
  "embedly",
  "iframely",
  "mastodon",
  "pleroma",
  "akkoma",
  "misskey",
  "synapse",
  "bluesky cardyb",
  "viber",
  "vkshare",
  "kakaotalk-scrap",
  "line-poker",
];

/**
 * Refuses a GET that changes something when nobody has asked for it: a prefetch, a prerender, a preview of a link, a
 * crawler, an image or a frame of a page.
 *
 * Three requests look like a person's: a page that navigates its own window here, a program that claims to be a browser,
 * and any element of a page if the service is reached by plain HTTP on another host than localhost, because browsers send
 * no `Sec-Fetch-` headers there.
 * @throws ProblemError 403
 * @see https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Purpose and https://www.w3.org/TR/fetch-metadata/
 */
export function refuseSpeculation({ headers }: IncomingMessage, instead: string): void {
  if (!isAnnounced(headers) && !isRobot(headers) && !isPartOfPage(headers)) return;
  const detail = `This request comes from a prefetch, a preview, a crawler or a part of a page, and an answer to it would change something. ${instead}`;
  throw new ProblemError(403, detail, { headers: { "Cache-Control": "no-store" } });
}

type Headers = IncomingMessage["headers"];

function isAnnounced(headers: Headers): boolean {
  const announced = purposeHeaders.map((name) => String(headers[name] ?? "").toLowerCase());
  return announced.some((purpose) => purposes.some((word) => purpose.includes(word)));
}

function isRobot(headers: Headers): boolean {
  const agent = (headers["user-agent"] ?? "").toLowerCase();
  return robot.test(agent) || previewers.some((previewer) => agent.includes(previewer));
}

/**
 * Whether a browser fetches this for a page instead of a person. It is not when it navigates a window to a document, or
 * when a script of the same site fetches it, on any port. Node's own `fetch` sends `Sec-Fetch-Mode: cors` and nothing else.
 */
function isPartOfPage(headers: Headers): boolean {
  const [mode, destination, site] = ["mode", "dest", "site"].map((name) => headers[`sec-fetch-${name}`]);
  if (mode === undefined && destination === undefined) return false;
  if (mode === "navigate") return destination !== undefined && destination !== "document";
  const isFetch = mode === undefined || mode === "cors" || mode === "same-origin";
  return !isFetch || (destination !== undefined && destination !== "empty") || site === "cross-site";
}
