import { Api } from "@doubleshot/service-kit";
import type { ServiceProxy } from "../proxy/service-proxy.ts";
import type { EngineRoom } from "./engine-room.ts";
import { addFaultRoutes } from "./fault-routes.ts";
import { addJourneyRoute } from "./journey-routes.ts";
import { addDeadRoutes } from "./parked-and-dead/dead-routes.ts";
import { addParkedRoutes } from "./parked-and-dead/parked-routes.ts";
import { addPipelineRoute } from "./pipeline-routes.ts";
import { refuseForeignPages } from "./refuse-foreign-pages.ts";

/**
 * The engine room's view of the shop, for engineers. It reads tables, queues and metrics, and offers retry, drop and redrive as
 * the `doubleshot` command does; on a developer's machine, also faults. It has no storage.
 */
export function engineApi(room: EngineRoom, proxy: ServiceProxy): Api {
  const api = new Api("engine room");
  api.router.use("/engine", refuseForeignPages);
  addPipelineRoute(api, room);
  addJourneyRoute(api, room);
  addParkedRoutes(api, room);
  addDeadRoutes(api, room);
  if (room.faults) addFaultRoutes(api, proxy, room.faults);
  return api;
}
