import { describeService } from "@doubleshot/service-host/testing";
import { coffeeShop } from "@doubleshot/shop";
import { preparePages } from "./pages/pages-folder.ts";
import { webService } from "./service.ts";

await preparePages();
describeService(coffeeShop.services.web, webService);
