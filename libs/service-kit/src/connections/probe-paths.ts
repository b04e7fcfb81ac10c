const probes = new Set(["/livez", "/readyz", "/metrics"]);

/** Whether this is what load balancers and monitors ask every few seconds: served when the service is full, not logged. */
export function isProbe(url = ""): boolean {
  return probes.has(url.split("?", 1)[0] ?? "");
}
