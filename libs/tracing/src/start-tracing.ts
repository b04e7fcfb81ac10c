import type { Tracing, TracingOptions } from "./tracing.ts";
import { tracingSettings } from "./tracing-settings.ts";

/**
 * Starts OpenTelemetry's SDK if the `OTEL_*` variables ask for it, and resolves with undefined otherwise. The SDK is loaded only
 * in the first case.
 *
 * @throws TracingConfigError: one sentence that names the variable
 */
export async function startTracing(options: TracingOptions): Promise<Tracing | undefined> {
  const settings = tracingSettings(options.env ?? process.env);
  if (settings === undefined) return undefined;
  const { startSdk } = await import("./sdk.ts");
  return startSdk(settings, options);
}
