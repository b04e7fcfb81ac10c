import { runService } from "@doubleshot/service-host";
import { coffeeShop } from "@doubleshot/shop";
import { preparePages } from "./pages/pages-folder.ts";
import { webService } from "./service.ts";

await preparePages();
await runService(coffeeShop.services.web, webService);
