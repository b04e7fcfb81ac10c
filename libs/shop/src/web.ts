import { service } from "./service.ts";

/**
 * The pages for people: order page, bar, display and engine room. It has no tables and no messages. It passes requests on to
 * the other services, so that a browser has one origin where no load balancer gives it one.
 */
export const web = service("web", {
  port: 9700,
  paths: ["/", "/bar", "/display", "/engine", "/assets", "/service-worker.js"],
  tables: {},
  operates: true,
});
