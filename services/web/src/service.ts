import { defineService, host, token } from "@doubleshot/service-host";
import { urlVariable } from "@doubleshot/shop";
import { ContainerModule } from "inversify";
import { proxied, webConfig } from "./config.ts";
import { type PageFiles, readPageFiles } from "./pages/page-files.ts";
import { pagesFolder } from "./pages/pages-folder.ts";
import { pagesApi } from "./pages/pages-routes.ts";
import { proxyApi } from "./proxy/proxy-routes.ts";
import { ServiceProxy } from "./proxy/service-proxy.ts";

const files = token<PageFiles>("files of the pages");

/** The pages for people, and the way of their requests to the other services. */
export const webService = defineService({
  config: webConfig,
  modules: ({ config }) => [
    new ContainerModule(({ bind }) => {
      bind(files).toResolvedValue(() => readPageFiles(pagesFolder()));
      bind(ServiceProxy).toResolvedValue(
        (log) =>
          new ServiceProxy(
            proxied.map(({ name, paths }) => ({ name, paths, url: new URL(String(config[urlVariable(name)])) })),
            log,
          ),
        [host.log],
      );
    }),
  ],
  subscriptions: () => [],
  http: (get) => ({
    title: "Doubleshot web",
    version: "1",
    description: "The pages for people: order, bar and display. Other paths lead to the services that have them.",
    apis: [pagesApi(get(files)), proxyApi(get(ServiceProxy))],
  }),
  hooks: (get) => ({ onDraining: () => get(ServiceProxy).close() }),
});
