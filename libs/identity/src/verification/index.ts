export { KeySet } from "./key-set.ts";
export { loadPublicKeys } from "./load-public-keys.ts";
export { TokenVerifier, type Verification, type VerifiedToken } from "./token-verifier.ts";
