import { shopOf } from "@doubleshot/operations";
import { defineService, host, token } from "@doubleshot/service-host";
import { coffeeShop } from "@doubleshot/shop";
import { ContainerModule } from "inversify";
import { proxied, urlIn, webConfig } from "./config.ts";
import { engineApi } from "./engine/engine-api.ts";
import { EngineRoom } from "./engine/engine-room.ts";
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
            proxied.map(({ name, paths }) => ({ name, paths, url: urlIn(config, name) })),
            log,
          ),
        [host.log],
      );
      bind(EngineRoom).toResolvedValue(
        (clients, log) =>
          new EngineRoom({
            shop: shopOf(coffeeShop.topology, config.SHOP, clients),
            services: proxied.map(({ name }) => ({ name, url: urlIn(config, name) })),
            faultsUrl: config.FAULTS_URL,
            inspectorUrl: config.INSPECTOR_URL,
            log,
          }),
        [host.clients, host.log],
      );
    }),
  ],
  subscriptions: () => [],
  http: (get) => ({
    title: "Doubleshot web",
    version: "1",
    description:
      "The pages for people: order, bar, display and engine room. Other paths lead to the services that have them.",
    apis: [pagesApi(get(files)), engineApi(get(EngineRoom), get(ServiceProxy)), proxyApi(get(ServiceProxy))],
  }),
  // One connection to the caller, one to the service.
  descriptorsPerConnection: 2,
  hooks: (get) => ({ onDraining: () => get(ServiceProxy).close() }),
});
