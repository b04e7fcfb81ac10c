import { z } from "zod";
import { createApp } from "../app/index.ts";
import { serve } from "../connections/index.ts";
import { readConfig, serviceConfig } from "./config.ts";
import { runProcess } from "./run-process.ts";

/** A service as small as it gets, for the tests of its process; FATE says what becomes of it. */
const fates = ["good", "bug-at-start", "stuck", "waits-at-start", "stops-at-start"] as const;

await runProcess("tiny", async ({ log, signal }) => {
  const config = readConfig(
    z.object({ ...serviceConfig, FATE: z.enum(fates).default("good").describe("a known fate") }),
  );
  if (config.FATE === "bug-at-start") throw new Error("cannot start: swordfish");
  if (config.FATE === "waits-at-start" || config.FATE === "stops-at-start") {
    log.info("waiting");
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    if (config.FATE === "stops-at-start") signal.throwIfAborted();
  }
  const callers = new Set<() => void>();
  const app = createApp({
    name: "tiny",
    log,
    ready: () => !signal.aborted,
    routes: (app) => {
      app.get("/wait", (_request, response) => {
        callers.add(() => response.json("released"));
        log.info("a caller waits");
      });
      app.get("/bug", (_request, response) => {
        response.end();
        setImmediate(() => {
          throw new Error("uncaught: swordfish");
        });
      });
    },
  });
  const server = await serve(app, { host: config.HOST, port: config.PORT, log });
  return {
    url: server.url,
    async drain() {
      if (config.FATE === "stuck") await new Promise(() => {});
      for (const release of callers) release();
      await server.close();
    },
  };
});
