import { describe, expect, test } from "vitest";
import { tracingSettings } from "./tracing-settings.ts";

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318" };

describe("tracing is off", () => {
  test.each([
    [{}],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "" }],
    [{ OTEL_SERVICE_NAME: "orders" }],
    [{ ...endpoint, OTEL_TRACES_EXPORTER: "none" }],
    [{ ...endpoint, OTEL_SDK_DISABLED: "true" }],
    [{ OTEL_TRACES_EXPORTER: "otlp", OTEL_SDK_DISABLED: "TRUE" }],
  ])("with %j", (env) => {
    expect(tracingSettings(env)).toBeUndefined();
  });
});

describe("tracing is on", () => {
  const byDefault = { exporter: "otlp", protocol: "http/protobuf", propagates: true };
  test.each([
    [endpoint, {}],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://collector.example/v1/traces" }, {}],
    [{ OTEL_TRACES_EXPORTER: "otlp" }, {}],
    [{ OTEL_TRACES_EXPORTER: "console" }, { exporter: "console" }],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }, { protocol: "http/json" }],
    [{ ...endpoint, OTEL_PROPAGATORS: "none" }, { propagates: false }],
    [{ ...endpoint, OTEL_PROPAGATORS: "baggage, tracecontext" }, {}],
    [{ ...endpoint, OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.1" }, {}],
    [{ ...endpoint, OTEL_SDK_DISABLED: "false" }, {}],
  ])("with %j", (env, differs) => {
    expect(tracingSettings(env)).toEqual({ ...byDefault, ...differs });
  });
});

test.each([
  [{ OTEL_TRACES_EXPORTER: "jaeger" }, 'OTEL_TRACES_EXPORTER is "jaeger": set it to otlp, console or none.'],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "localhost:4318" },
    'OTEL_EXPORTER_OTLP_ENDPOINT is "localhost:4318": set it to the URL of a collector, such as http://localhost:4318.',
  ],
  [
    { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc": set it to http/protobuf or http/json, and the endpoint to the collector\'s port for HTTP, usually 4318.',
  ],
  [
    { ...endpoint, OTEL_PROPAGATORS: "xray" },
    'OTEL_PROPAGATORS is "xray": set it to tracecontext, baggage, both, or none.',
  ],
  [
    { ...endpoint, OTEL_TRACES_SAMPLER: "most" },
    'OTEL_TRACES_SAMPLER is "most": set it to one of always_on, parentbased_always_on, always_off, parentbased_always_off, traceidratio, parentbased_traceidratio.',
  ],
  [
    { ...endpoint, OTEL_TRACES_SAMPLER: "traceidratio" },
    'OTEL_TRACES_SAMPLER_ARG is "": set it to the share of traces to record, from 0 to 1.',
  ],
  [
    { ...endpoint, OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "10%" },
    'OTEL_TRACES_SAMPLER_ARG is "10%": set it to the share of traces to record, from 0 to 1.',
  ],
])("%j is refused with one sentence", (env, sentence) => {
  expect(() => tracingSettings(env)).toThrow(sentence);
});
