import { describeService } from "@doubleshot/service-host/testing";
import { shop } from "@doubleshot/shop";
import { preparePages } from "./pages/pages-folder.ts";
import { webService } from "./service.ts";

await preparePages();
describeService(shop.services.web, webService);
