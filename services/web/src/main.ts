import { runService } from "@doubleshot/service-host";
import { shop } from "@doubleshot/shop";
import { preparePages } from "./pages/pages-folder.ts";
import { webService } from "./service.ts";

await preparePages();
await runService(shop.services.web, webService);
