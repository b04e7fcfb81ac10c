import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { expect } from "vitest";

/** The spans of this process, in memory, for as long as it is not disposed of. */
export class RecordedSpans implements Disposable {
  readonly #exporter = new InMemorySpanExporter();

  constructor() {
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.#exporter)] }),
    );
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  }

  get all(): readonly ReadableSpan[] {
    return this.#exporter.getFinishedSpans();
  }

  /** Resolves with the only ended span that passes, when there is one. */
  async one(what: string, passes: (span: ReadableSpan) => boolean): Promise<ReadableSpan> {
    await expect.poll(() => this.all.filter(passes).length, { message: what, interval: 5 }).toBeGreaterThan(0);
    const found = this.all.filter(passes);
    expect(found, what).toHaveLength(1);
    return found[0] as ReadableSpan;
  }

  /** The child of the span with this name. */
  childOf(parent: ReadableSpan, name: string): Promise<ReadableSpan> {
    const { spanId } = parent.spanContext();
    return this.one(`child ${name}`, (span) => span.name === name && span.parentSpanContext?.spanId === spanId);
  }

  /** The span with this name that links to the other one. */
  linkedTo(other: ReadableSpan, name: string): Promise<ReadableSpan> {
    return this.one(`${name} that links`, (span) => span.name === name && linksTo(span, other));
  }

  [Symbol.dispose](): void {
    trace.disable();
    context.disable();
    propagation.disable();
  }
}

export function linksTo(span: ReadableSpan, other: ReadableSpan): boolean {
  return span.links.some((link) => link.context.spanId === other.spanContext().spanId);
}
