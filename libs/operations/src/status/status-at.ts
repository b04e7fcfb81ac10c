import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

const loopback = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Requests the URL and returns the status. A loopback address is requested directly, because `fetch` goes through HTTP_PROXY
 * where Node is set to use it, and a proxy does not reach this machine's ports.
 */
export async function statusAt(url: URL, signal: AbortSignal): Promise<number> {
  if (!loopback.test(url.hostname)) return (await fetch(url, { signal })).status;
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    // Without the process's agent, which may be one for the proxy.
    const call = request(url, { agent: false, signal }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on("error", reject).end();
  });
}
