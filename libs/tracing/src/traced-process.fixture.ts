import { trace } from "@opentelemetry/api";
import { startTracing } from "./start-tracing.ts";

/** Makes a span, ends tracing, and prints what a test wants to know of the process. */
let troubles = 0;
const tracing = await startTracing({
  service: "traced",
  attributes: { "service.namespace": "tests" },
  onTrouble: () => {
    troubles += 1;
  },
});
trace.getTracer("test").startSpan("work").end();
await tracing?.stop(Number(process.env.STOP_WITHIN_MS ?? 10_000));
process.stdout.write(JSON.stringify({ isOn: tracing !== undefined, troubles }));
process.exit(0);
