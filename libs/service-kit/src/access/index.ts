export { type Access, engineer, guest, type Reach, rolesOf } from "./access.ts";
export { type Authentication, authenticationSetting, guardOf, type TokenVerdict } from "./guard.ts";
export { type Identity, identityOf, ownOnly, requireOwner } from "./identity.ts";
