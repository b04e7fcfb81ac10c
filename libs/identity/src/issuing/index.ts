export { maxLifetimeSeconds } from "../token-format.ts";
export { issueToken, type TokenClaims } from "./issue-token.ts";
export { createSecret, hashSecret, matchesSecret } from "./secret.ts";
export {
  createSigningKey,
  type KeyState,
  publicKeysAt,
  type SigningKey,
  signingKeyAt,
  stateAt,
} from "./signing-key.ts";
export { type Rotation, SigningKeyStore } from "./signing-key-store.ts";
