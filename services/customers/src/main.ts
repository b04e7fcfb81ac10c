import { runService } from "@doubleshot/service-host";
import { coffeeShop } from "@doubleshot/shop";
import { customersService } from "./service.ts";

await runService(coffeeShop.services.customers, customersService);
