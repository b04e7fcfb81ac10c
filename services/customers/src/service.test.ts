import { describeProblemMembers, describeService } from "@doubleshot/service-host/testing";
import { shop } from "@doubleshot/shop";
import { customersService } from "./service.ts";

describeService(shop.services.customers, customersService);
describeProblemMembers(shop.services.customers, customersService, {
  parameter: "id",
  of: (id) => ({ customer_id: id }),
});
