import { runService } from "@doubleshot/service-host";
import { coffeeShop } from "@doubleshot/shop";
import { baristaService } from "./service.ts";

await runService(coffeeShop.services.barista, baristaService);
