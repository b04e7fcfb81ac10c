import { runService } from "@doubleshot/service-host";
import { shop } from "@doubleshot/shop";
import { ordersService } from "./service.ts";

await runService(shop.services.orders, ordersService);
