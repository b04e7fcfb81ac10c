import { setTimeout as delay } from "node:timers/promises";
import type { ContextManager, TextMapPropagator, TracerProvider } from "@opentelemetry/api";
import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { Tracing, TracingOptions } from "./tracing.ts";
import type { TracingSettings } from "./tracing-settings.ts";

/*
 * The only file that loads OpenTelemetry's SDK. Each package is imported dynamically: a bundler would turn a static import into
 * one at the top of the program, for processes without tracing as well.
 */

/** The parts that are to be registered with the API. */
export interface Sdk extends Tracing {
  readonly provider: TracerProvider;
  readonly contexts: ContextManager;
  readonly propagator: TextMapPropagator | undefined;
}

/** Trouble is reported at most that often. */
const quietMs = 60_000;

export async function startSdk(settings: TracingSettings, options: TracingOptions): Promise<Sdk> {
  const [contexts, core, sdk] = await Promise.all([
    import("@opentelemetry/context-async-hooks"),
    import("@opentelemetry/core"),
    import("@opentelemetry/sdk-trace-base"),
  ]);
  core.setGlobalErrorHandler(seldom(options.onTrouble));
  const provider = new sdk.BasicTracerProvider({
    resource: await resourceOf(options),
    spanProcessors: [new sdk.BatchSpanProcessor(await exporterOf(settings))],
  });
  const within = async (work: Promise<void>, ms: number) => {
    await Promise.race([work.catch(options.onTrouble), delay(ms, undefined, { ref: false })]);
  };
  return {
    provider,
    contexts: new contexts.AsyncLocalStorageContextManager().enable(),
    propagator: settings.propagates ? new core.W3CTraceContextPropagator() : undefined,
    flush: (withinMs) => within(provider.forceFlush(), withinMs),
    stop: (withinMs) => within(provider.shutdown(), withinMs),
  };
}

/** The variables come last, so that they win. */
async function resourceOf({ service, attributes }: TracingOptions) {
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } = await import(
    "@opentelemetry/resources"
  );
  const own = { "service.name": service, "service.instance.id": crypto.randomUUID(), ...attributes };
  return defaultResource()
    .merge(resourceFromAttributes(own))
    .merge(detectResources({ detectors: [envDetector] }));
}

async function exporterOf({ exporter, protocol }: TracingSettings): Promise<SpanExporter> {
  if (exporter === "console") return new (await import("@opentelemetry/sdk-trace-base")).ConsoleSpanExporter();
  const { OTLPTraceExporter } =
    protocol === "http/json"
      ? await import("@opentelemetry/exporter-trace-otlp-http")
      : await import("@opentelemetry/exporter-trace-otlp-proto");
  return new OTLPTraceExporter();
}

function seldom(report: (error: unknown) => void): (error: unknown) => void {
  let quietUntil = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + quietMs;
    report(error);
  };
}
