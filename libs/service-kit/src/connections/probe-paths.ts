const probes = new Set(["/livez", "/readyz", "/metrics"]);

/** Whether a load balancer or a monitor requests this every few seconds: a full service still serves it, and it is not logged. */
export function isProbe(url = ""): boolean {
  return probes.has(url.split("?", 1)[0] ?? "");
}
