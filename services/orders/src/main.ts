import { runService } from "@doubleshot/service-host";
import { coffeeShop } from "@doubleshot/shop";
import { ordersService } from "./service.ts";

await runService(coffeeShop.services.orders, ordersService);
