export { authConfig, tokenNames } from "./auth-config.ts";
export { tokenAuthentication } from "./token-authentication.ts";
