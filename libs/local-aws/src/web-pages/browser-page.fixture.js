/**
 * Runs in a page. Sends the call in every way that a page has, and returns the readable part of the answers but
 * for refusals, which a page of the same origin may read.
 */
globalThis.sendAll = async ({ url, method, headers, body = null }) => {
  const read = [];
  const note = (text = "") => {
    if (text !== "" && !text.includes("AccessDenied")) read.push(text);
  };
  const fetched = async (init) => {
    try {
      const response = await fetch(url, { method, body: method === "GET" ? null : body, ...init });
      note(await response.text());
    } catch {
      // The browser lets the page see no answer.
    }
  };
  /** Adds an element, and waits until it has loaded. */
  const load = (name, properties, start = () => undefined) =>
    new Promise((resolve) => {
      const element = Object.assign(document.createElement(name), properties);
      element.onload = () => resolve(element);
      element.onerror = () => resolve(element);
      document.body.append(element);
      start(element);
    });
  const framed = async (properties, start) => {
    const frame = await load("iframe", properties, start);
    note(frame.contentDocument?.body?.textContent);
  };

  await fetched({ headers });
  await fetched({});
  await fetched({ mode: "no-cors", headers: { "content-type": headers["content-type"] ?? "text/plain" } });
  if (method === "GET") {
    await framed({ src: url });
    await load("img", { src: url });
    await load("script", { src: url });
  } else {
    navigator.sendBeacon(url, new Blob([body], { type: "text/plain" }));
    const name = crypto.randomUUID?.() ?? String(Math.random());
    await framed({ name }, () => {
      const form = Object.assign(document.createElement("form"), { action: url, method, target: name });
      for (const [field, value] of new URLSearchParams(body)) {
        form.append(Object.assign(document.createElement("input"), { name: field, value }));
      }
      document.body.append(form);
      form.submit();
    });
  }
  return read;
};
