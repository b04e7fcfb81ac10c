export { type CoffeeShopService, coffeeShop } from "./coffee-shop.ts";
export {
  defineShop,
  type Rush,
  type RushNumber,
  type ServiceInShop,
  type ShopDefinition,
  ShopError,
  type TourStep,
} from "./define-shop.ts";
export { issuerOf, jwksPath } from "./issuer.ts";
export { type OperatorArns, operatorRights } from "./operator-rights.ts";
export { type Arns, processRights, type Right } from "./process-rights.ts";
export { type Role, roles } from "./roles.ts";
export {
  type EventType,
  type Manifest,
  type ScalingGauge,
  type Service,
  type ServiceNames,
  service,
} from "./service.ts";
export type { ShopTopology } from "./shop-topology.ts";
export { byId, requests } from "./table-specs.ts";
export { portVariable, urlVariable } from "./variables.ts";
