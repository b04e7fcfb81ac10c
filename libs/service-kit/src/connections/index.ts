export { goneSignal } from "./gone-signal.ts";
export { isProbe } from "./probe-paths.ts";
export { type ServeOptions, type Serving, serve } from "./serve.ts";
