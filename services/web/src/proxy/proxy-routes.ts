import { Api } from "@doubleshot/service-kit";
import type { ServiceProxy } from "./service-proxy.ts";

/** Leads the paths of the other services to them. Their own documents describe these routes. */
export function proxyApi(proxy: ServiceProxy): Api {
  const api = new Api("services");
  for (const upstream of proxy.upstreams) {
    api.router.use([...upstream.paths], (request, response) => proxy.forward(upstream, request, response));
  }
  return api;
}
