export { type ClaimCheck, ClaimCheckMissingError, ClaimCheckUnreadableError, redeem } from "./claim-check.ts";
export { fitMessages } from "./fit-messages.ts";
