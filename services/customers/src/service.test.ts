import { describeProblemMembers, describeService } from "@doubleshot/service-host/testing";
import { coffeeShop } from "@doubleshot/shop";
import { customersService } from "./service.ts";

const withoutLimits = { TOKEN_RATE_BURST: "1000000" };
describeService(coffeeShop.services.customers, customersService, { withoutLimits });
describeProblemMembers(coffeeShop.services.customers, customersService, {
  parameter: "id",
  of: (id) => ({ customer_id: id }),
});
