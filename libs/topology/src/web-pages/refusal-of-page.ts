import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/**
 * Why a request may not be served: a web page of another origin has sent it, or its Host is not this machine. Undefined
 * for every other request.
 *
 * On a developer's machine the embedded AWS takes any credentials, and the engine room no token. A page that reaches them
 * from a developer's browser could read and write it all. Browsers name the page in `Origin`, and in `Sec-Fetch-Site`
 * where there is no `Origin` (an image, a script). A page that had its own name resolved to 127.0.0.1 (DNS rebinding)
 * shows in `Host`. A link that a person follows is served, unless it fills a frame.
 *
 * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function refusalOfPage(method: string | undefined, headers: IncomingHttpHeaders): string | undefined {
  const { host = "", origin } = headers;
  if (!isThisMachine(host)) {
    return `Host is ${JSON.stringify(host)}: only localhost and loopback addresses lead here.`;
  }
  if (origin !== undefined && origin !== `http://${host}`) return refusal(`of ${origin}`);
  const site = headers["sec-fetch-site"];
  const ofOtherSite = site === "cross-site" || site === "same-site";
  return ofOtherSite && !isFollowedLink(method, headers) ? refusal("of another site") : undefined;
}

const refusal = (page: string) =>
  `A web page ${page} has sent this request: pages of other origins have no access. Call it from a program.`;

function isThisMachine(host: string): boolean {
  const name = URL.parse(`http://${host}`)?.hostname ?? "";
  if (name === "localhost" || name.endsWith(".localhost") || name === "[::1]") return true;
  return isIP(name) === 4 && name.startsWith("127.");
}

function isFollowedLink(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  const { "sec-fetch-mode": mode, "sec-fetch-dest": destination } = headers;
  return method === "GET" && mode === "navigate" && destination === "document";
}
