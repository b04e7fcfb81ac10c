import { readConfig, runService } from "@doubleshot/service-kit";
import { createAwsClients } from "@doubleshot/topology";
import { ordersConfig } from "./config.ts";
import { openOrders } from "./orders-service.ts";

await runService("orders", async ({ log }) =>
  openOrders({ config: readConfig(ordersConfig), clients: createAwsClients(), log }),
);
