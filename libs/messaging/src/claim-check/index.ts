export { type ClaimCheck, ClaimCheckMissing, ClaimCheckUnreadable, redeem } from "./claim-check.ts";
export { fitMessages } from "./fit-messages.ts";
