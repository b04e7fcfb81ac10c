import { runService } from "@doubleshot/service-host";
import { shop } from "@doubleshot/shop";
import { customersService } from "./service.ts";

await runService(shop.services.customers, customersService);
