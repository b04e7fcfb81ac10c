import { expect, test } from "vitest";
import { defineShop } from "./define-shop.ts";
import { issuerOf } from "./issuer.ts";
import { service } from "./service.ts";
import { byId } from "./table-specs.ts";

const issuer = (name: string, port: number) =>
  service(name, { port, tables: { [`${name}-keys`]: byId }, signingKeys: `${name}-keys` });

test("operators find the table of the signing keys in the topology", () => {
  const { topology } = defineShop("shop", [issuer("gate", 9701), service("bar", { port: 9702, tables: {} })]);
  expect(topology.services).toEqual({ gate: { port: 9701, signingKeys: "gate-keys" }, bar: { port: 9702 } });
});

test("the issuer of a shop is the service that has the signing keys", () => {
  const bar = service("bar", { port: 9702, tables: {} });
  expect(issuerOf(defineShop("shop", [bar, issuer("gate", 9701)]))?.name).toBe("gate");
  expect(issuerOf(defineShop("shop", [bar]))).toBeUndefined();
});

test("signing keys are in a table of the service's own", () => {
  const stray = service("gate", { port: 9701, tables: { gate: byId }, signingKeys: "gate-keys" });
  expect(() => defineShop("shop", [stray])).toThrow(
    'Service gate keeps its signing keys in "gate-keys", which is no table of its own: add it to its tables.',
  );
});

test("a shop has one issuer", () => {
  expect(() => defineShop("shop", [issuer("gate", 9701), issuer("door", 9702)])).toThrow(
    "Services gate and door both have signing keys: let one of them issue the tokens.",
  );
});
