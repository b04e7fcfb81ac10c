import { runService } from "@doubleshot/service-host";
import { shop } from "./manifest.ts";
import { loyaltyService } from "./service.ts";

await runService(shop.services.loyalty, loyaltyService);
