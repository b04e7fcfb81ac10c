import { readConfig, runService } from "@doubleshot/service-kit";
import { createAwsClients, doubleshot, preflight } from "@doubleshot/topology";
import { baristaConfig } from "./config.ts";
import { startBarista } from "./start-barista.ts";

await runService("barista", async ({ log, signal }) => {
  const config = readConfig(baristaConfig);
  const clients = createAwsClients();
  await preflight({
    topology: doubleshot,
    shop: config.SHOP,
    clients,
    tables: ["barista", "barista-outbox", "barista-inbox", "barista-requests", "barista-instances"],
    queues: config.CONSUME ? ["barista-subscriber.fifo", "barista-subscriber-dead.fifo"] : [],
  });
  return startBarista({ config, clients, log, signal });
});
