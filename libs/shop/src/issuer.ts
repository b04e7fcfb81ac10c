import type { ServiceInShop, ShopDefinition } from "./define-shop.ts";

/** Path at which an issuer of tokens publishes the keys that verify them. @see https://www.rfc-editor.org/rfc/rfc7517#section-5 */
export const jwksPath = "/.well-known/jwks.json";

/** The service that issues the shop's access tokens; undefined if none does. */
export function issuerOf(shop: ShopDefinition): ServiceInShop | undefined {
  return Object.values(shop.services).find(({ signingKeys }) => signingKeys !== undefined);
}
