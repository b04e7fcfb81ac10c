/** The part of the environment that decides which parts of the SDK are loaded. The SDK reads the other `OTEL_*` variables itself. */
export interface TracingSettings {
  /**
   * - `otlp`     sends spans to a collector
   * - `console`  writes them to standard output
   */
  readonly exporter: "otlp" | "console";
  readonly protocol: Protocol;
  /** Whether spans continue the trace of their caller. Baggage is accepted in `OTEL_PROPAGATORS`; no code here reads any. */
  readonly propagates: boolean;
}

type Protocol = "http/protobuf" | "http/json";

type Env = Readonly<Record<string, string | undefined>>;

/** A variable `OTEL_*` is wrong. The process ends with the message, which is one sentence. */
export class TracingConfigError extends Error {
  override readonly name = "TracingConfigError";
  readonly exitSentence = true;
}

/**
 * Reads the variables of OpenTelemetry's specification. An empty variable counts as not set. Undefined means no tracing: no
 * exporter and no endpoint is set, the exporter is `none`, or `OTEL_SDK_DISABLED` is `true`.
 *
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 * @throws TracingConfigError for a value that the SDK would silently replace by its default
 */
export function tracingSettings(env: Env): TracingSettings | undefined {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === "true") return undefined;
  const endpoint = given(env, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT");
  const wanted = given(env, "OTEL_TRACES_EXPORTER") ?? (endpoint && { name: "", value: "otlp" });
  if (wanted === undefined || wanted.value === "none") return undefined;
  const exporter = oneOf(wanted, ["otlp", "console", "none"], "otlp, console or none") as TracingSettings["exporter"];
  if (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint.value)?.protocol ?? "")) {
    throw new TracingConfigError(wrong(endpoint, "the URL of a collector, such as http://localhost:4318"));
  }
  checkSampler(env);
  return { exporter, protocol: protocolOf(env), propagates: propagatesOf(env) };
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

/** The first of the variables that is set. */
function given(env: Env, ...names: string[]): Variable | undefined {
  const name = names.find((name) => (env[name] ?? "") !== "");
  return name === undefined ? undefined : { name, value: env[name] ?? "" };
}

function wrong({ name, value }: Variable, allowed: string): string {
  return `${name} is "${value}": set it to ${allowed}.`;
}

function oneOf<Value extends string>(variable: Variable, values: readonly Value[], allowed: string): Value {
  const found = values.find((value) => value === variable.value);
  if (found === undefined) throw new TracingConfigError(wrong(variable, allowed));
  return found;
}

function protocolOf(env: Env): Protocol {
  const variable = given(env, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL");
  if (variable === undefined) return "http/protobuf";
  const allowed = "http/protobuf or http/json, and the endpoint to the collector's port for HTTP, usually 4318";
  return oneOf(variable, ["http/protobuf", "http/json"], allowed);
}

function propagatesOf(env: Env): boolean {
  const { name, value } = given(env, "OTEL_PROPAGATORS") ?? { name: "", value: "tracecontext,baggage" };
  const values = value.split(",").map((value) => ({ name, value: value.trim() }));
  const allowed = "tracecontext, baggage, both, or none";
  return values.map((each) => oneOf(each, ["tracecontext", "baggage", "none"], allowed)).includes("tracecontext");
}

const samplers = ["always_on", "always_off", "traceidratio"].flatMap((name) => [name, `parentbased_${name}`]);

function checkSampler(env: Env): void {
  const sampler = given(env, "OTEL_TRACES_SAMPLER");
  if (sampler === undefined) return;
  oneOf(sampler, samplers, `one of ${samplers.join(", ")}`);
  if (!sampler.value.endsWith("traceidratio")) return;
  const share = given(env, "OTEL_TRACES_SAMPLER_ARG") ?? { name: "OTEL_TRACES_SAMPLER_ARG", value: "" };
  const ratio = share.value === "" ? Number.NaN : Number(share.value);
  if (!(ratio >= 0 && ratio <= 1)) {
    throw new TracingConfigError(wrong(share, "the share of traces to record, from 0 to 1"));
  }
}
