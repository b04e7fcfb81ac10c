import { setTimeout as delay } from "node:timers/promises";
import type { Express } from "express";
import { type AppOptions, createApp } from "./app/index.ts";
import { type ServeOptions, type Serving, serve } from "./connections/index.ts";
import { createLogger } from "./process/index.ts";

export interface TestApp extends Serving, AsyncDisposable {
  /** Every log line so far, parsed. */
  readonly lines: Record<string, unknown>[];
}

/** A real app on a free port, whose log lines are kept. */
export async function openApp(
  routes: (app: Express) => void,
  options: Partial<AppOptions & ServeOptions> = {},
): Promise<TestApp> {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger("test", "info", { write: (line) => void lines.push(JSON.parse(line)) });
  const app = createApp({ name: "test", log, ready: () => true, routes, ...options });
  const serving = await serve(app, { host: "127.0.0.1", port: 0, log, ...options });
  return { ...serving, lines, [Symbol.asyncDispose]: serving.close };
}

/** Resolves with the first defined value. */
export async function eventually<Value>(look: () => Value | undefined, withinMs = 30_000): Promise<Value> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = look();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`It did not happen within ${withinMs} ms.`);
    await delay(5);
  }
}
