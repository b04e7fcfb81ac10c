export {
  type ArmedFault,
  type Delivery,
  type DeliveryFault,
  deliveries,
  deliveryFaults,
  type InflictedFault,
} from "./delivery-faults.ts";
export type { FaultAnswer, FaultCommand, NumberedAnswer, NumberedRequest } from "./fault-commands.ts";
export { type FaultsState, type LocalFaults, type RelayAction, type RelayState, relayActions } from "./local-faults.ts";
