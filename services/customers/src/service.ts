import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { RequestKeys } from "@doubleshot/aggregates";
import { classBinder, defineService, host } from "@doubleshot/service-host";
import { ContainerModule } from "inversify";
import { AmendCustomer } from "./amend-customer.ts";
import { CustomerStore } from "./customer-store.ts";
import { customerMembers } from "./http/customer-problems.ts";
import { customersApi } from "./http/customers-api.ts";
import { keepAccounts } from "./keep-accounts.ts";
import { Ledger } from "./ledger.ts";
import { OpenAccount } from "./open-account.ts";
import { PayDebt } from "./pay-debt.ts";
import { Reservations } from "./reservations.ts";

/** Accounts of customers: credit for orders, debt and payments. */
export const customersService = defineService({
  config: {},
  modules: ({ table }) => [
    new ContainerModule(({ bind }) => {
      const { bindClass, bindWithOptions } = classBinder(bind);
      const bindTable = <T>(made: new (client: DynamoDBDocumentClient, table: string) => T, name: string) =>
        bind(made).toResolvedValue((client: DynamoDBDocumentClient) => new made(client, table(name)), [host.documents]);
      bindTable(CustomerStore, "customers");
      bindTable(Ledger, "customers-ledger");
      bindTable(RequestKeys, "customers-requests");
      const committing = { outbox: host.outbox, customers: CustomerStore, requestKeys: RequestKeys };
      bindWithOptions(
        Reservations,
        { outbox: host.outbox, client: host.documents },
        { table: table("customers-reservations") },
      );
      bindWithOptions(OpenAccount, committing);
      bindWithOptions(PayDebt, { ...committing, ledger: Ledger });
      bindClass(AmendCustomer, [host.outbox, CustomerStore]);
    }),
  ],
  subscriptions: (get) =>
    keepAccounts({
      outbox: get(host.outbox),
      reservations: get(Reservations),
      customers: get(CustomerStore),
      ledger: get(Ledger),
    }),
  http: (get) => ({
    title: "Doubleshot customers",
    version: "1",
    description: "Accounts of customers: credit for orders, debt, payments and the ledger.",
    apis: [
      customersApi({
        openAccount: get(OpenAccount),
        amendCustomer: get(AmendCustomer),
        payDebt: get(PayDebt),
        customers: get(CustomerStore),
        ledger: get(Ledger),
      }),
    ],
    problemMembers: customerMembers,
  }),
});
