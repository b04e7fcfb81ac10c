import { context, propagation, trace } from "@opentelemetry/api";
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
  const { provider, contexts, propagator, ...tracing } = await startSdk(settings, options);
  // Here, and not in sdk.ts: a bundle of the SDK may have an API of its own, and the tracers that the program has already got are
  // those of this one.
  context.setGlobalContextManager(contexts);
  if (propagator) propagation.setGlobalPropagator(propagator);
  trace.setGlobalTracerProvider(provider);
  return tracing;
}
