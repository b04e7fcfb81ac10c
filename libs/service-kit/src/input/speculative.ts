import type { IncomingMessage } from "node:http";
import { Problem } from "../problems/index.ts";

/** Headers by which browsers mark a request that no person has made (yet), and the words in them. */
const headers = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
const words = ["prefetch", "prerender", "preview", "instant"];

/** Programs that fetch links in order to show previews or to index them, by a part of their `User-Agent`. */
const previewers = [
  "facebookexternalhit",
  "facebot",
  "twitterbot",
  "slackbot",
  "slack-imgproxy",
  "discordbot",
  "telegrambot",
  "whatsapp",
  "linkedinbot",
  "skypeuripreview",
  "microsoftpreview",
  "bingpreview",
  "pinterestbot",
  "redditbot",
  "mattermost-bot",
  "google-inspectiontool",
  "googlebot",
  "bingbot",
  "applebot",
  "embedly",
  "iframely",
];

/**
 * Refuses a GET that changes something when no person has made the request: a prefetch, a prerender, a link preview.
 * @param instead A sentence that tells the caller what to do.
 * @throws Problem 403
 * @see https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Purpose
 */
export function refuseSpeculation({ headers: sent }: IncomingMessage, instead: string): void {
  const purposes = headers.map((name) => String(sent[name] ?? "").toLowerCase());
  const agent = (sent["user-agent"] ?? "").toLowerCase();
  const speculative =
    purposes.some((purpose) => words.some((word) => purpose.includes(word))) ||
    previewers.some((previewer) => agent.includes(previewer));
  if (!speculative) return;
  const detail = `This request is marked as a prefetch or a preview, and serving it would change something. ${instead}`;
  throw new Problem(403, detail, { headers: { "Cache-Control": "no-store" } });
}
