interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): string;
  };
}

/** The policy of the pages allows this one name, and a worker's address counts as a script. */
const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
const urls = trustedTypes?.createPolicy("service-worker", { createScriptURL: (url) => url });

/**
 * Lets the pages open without a network. Workers exist on secure origins alone, and a browser may refuse them: the page
 * works without one.
 */
export function registerWorker(): void {
  if (!("serviceWorker" in navigator)) return;
  const url = "/service-worker.js";
  const register = () => navigator.serviceWorker.register(urls?.createScriptURL(url) ?? url).catch(() => undefined);
  // The first paint comes first.
  if (document.readyState === "complete") void register();
  else window.addEventListener("load", () => void register(), { once: true });
}
