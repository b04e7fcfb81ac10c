import { Api } from "@doubleshot/service-kit";
import { customerSubject } from "./customer-problems.ts";
import { addAmendRoute, addGetRoutes, addListRoute, addOpenRoute, type CustomersParts } from "./customers-routes.ts";
import { addLedgerRoute, addPayRoute, type LedgerParts } from "./ledger-routes.ts";

/** Customers as a resource: open accounts, read, list and amend them; and the money that comes and goes. */
export function customersApi(parts: CustomersParts & LedgerParts): Api {
  const api = new Api("customers");
  customerSubject.setFromPath(api.router, "id");
  addOpenRoute(api, parts);
  addListRoute(api, parts);
  addGetRoutes(api, parts);
  addAmendRoute(api, parts);
  addPayRoute(api, parts);
  addLedgerRoute(api, parts);
  return api;
}
