import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { text } from "node:stream/consumers";

const loopback = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Posts JSON. A loopback address is called directly: `fetch` goes through HTTP_PROXY where Node is told to use it, and a
 * proxy knows nothing of this machine's ports.
 */
export async function postJson(
  url: URL,
  json: unknown,
  { signal, token }: { readonly signal: AbortSignal; readonly token?: string },
): Promise<{ readonly status: number; readonly text: string }> {
  const headers = {
    "content-type": "application/json",
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const body = JSON.stringify(json);
  if (!loopback.test(url.hostname)) {
    const response = await fetch(url, { method: "POST", headers, body, signal });
    return { status: response.status, text: await response.text() };
  }
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    // Without an agent of the process, which may be one for the proxy.
    const call = request(url, { method: "POST", headers, agent: false, signal }, (response) => {
      text(response).then((received) => resolve({ status: response.statusCode ?? 0, text: received }), reject);
    });
    call.on("error", reject).end(body);
  });
}
