export type { PublicKeySet } from "./token-format.ts";
export { KeySet, loadPublicKeys, TokenVerifier, type Verification, type VerifiedToken } from "./verification/index.ts";
