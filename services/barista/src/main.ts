import { runService } from "@doubleshot/service-host";
import { shop } from "@doubleshot/shop";
import { baristaService } from "./service.ts";

await runService(shop.services.barista, baristaService);
