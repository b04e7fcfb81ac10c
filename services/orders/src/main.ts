import { readConfig, runService } from "@doubleshot/service-kit";
import { createAwsClients } from "@doubleshot/topology";
import { ordersConfig } from "./config.ts";
import { startOrders } from "./start-orders.ts";

await runService("orders", async ({ log, signal }) =>
  startOrders({ config: readConfig(ordersConfig), clients: createAwsClients(), log, signal }),
);
