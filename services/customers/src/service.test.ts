import { describeProblemMembers, describeService } from "@doubleshot/service-host/testing";
import { shop } from "@doubleshot/shop";
import { customersService } from "./service.ts";

const withoutLimits = { TOKEN_RATE_BURST: "1000000" };
describeService(shop.services.customers, customersService, { withoutLimits });
describeProblemMembers(shop.services.customers, customersService, {
  parameter: "id",
  of: (id) => ({ customer_id: id }),
});
