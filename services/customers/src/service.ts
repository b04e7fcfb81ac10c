import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { RequestKeys } from "@doubleshot/aggregates";
import { SigningKeyStore } from "@doubleshot/identity/issuing";
import { classBinder, defineService, host, tokenNames } from "@doubleshot/service-host";
import { decimal, TokenBuckets, wholeNumber } from "@doubleshot/service-kit";
import { ContainerModule } from "inversify";
import { AmendCustomer } from "./amend-customer.ts";
import { CustomerStore } from "./customer-store.ts";
import { customerMembers } from "./http/customer-problems.ts";
import { customersApi } from "./http/customers-api.ts";
import { tokensApi } from "./http/tokens-routes.ts";
import { keepAccounts } from "./keep-accounts.ts";
import { Ledger } from "./ledger.ts";
import { OpenAccount } from "./open-account.ts";
import { PayDebt } from "./pay-debt.ts";
import { ReservationStore } from "./reservation-store.ts";
import { GrantToken } from "./tokens/grant-token.ts";
import { SecretStore } from "./tokens/secret-store.ts";
import { TokenIssuer } from "./tokens/token-issuer.ts";

/** Accounts of customers: credit for orders, debt and payments; and the shop's access tokens. */
export const customersService = defineService({
  config: {
    /** Tokens that one address may ask for at once in this process, and how many more each second. */
    TOKEN_RATE_BURST: wholeNumber({ min: 1, max: 1_000_000, byDefault: 30 }),
    TOKEN_RATE_PER_SECOND: decimal({ min: 0.001, max: 1_000_000, byDefault: 1 }),
  },
  modules: ({ config, table }) => [
    new ContainerModule(({ bind }) => {
      const { bindClass, bindWithOptions } = classBinder(bind);
      const bindTable = <T>(made: new (client: DynamoDBDocumentClient, table: string) => T, name: string) =>
        bind(made).toResolvedValue((client: DynamoDBDocumentClient) => new made(client, table(name)), [host.documents]);
      bindTable(CustomerStore, "customers");
      bindTable(Ledger, "customers-ledger");
      bindTable(RequestKeys, "customers-requests");
      bindTable(SecretStore, "customers-secrets");
      bindTable(SigningKeyStore, "customers-keys");
      bindWithOptions(TokenIssuer, { store: SigningKeyStore }, { names: tokenNames(config), now: Date.now });
      bindClass(GrantToken, [SecretStore, TokenIssuer]);
      bind(TokenBuckets).toConstantValue(
        new TokenBuckets({ burst: config.TOKEN_RATE_BURST, perSecond: config.TOKEN_RATE_PER_SECOND }),
      );
      const committing = { outbox: host.outbox, customers: CustomerStore, requestKeys: RequestKeys };
      bindWithOptions(
        ReservationStore,
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
      reservations: get(ReservationStore),
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
        secrets: get(SecretStore),
      }),
      tokensApi({
        grantToken: get(GrantToken),
        issuer: get(TokenIssuer),
        secrets: get(SecretStore),
        customers: get(CustomerStore),
        attempts: get(TokenBuckets),
      }),
    ],
    problemMembers: customerMembers,
  }),
});
