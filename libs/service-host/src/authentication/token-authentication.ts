import { KeySet, loadPublicKeys, TokenVerifier } from "@doubleshot/identity";
import { type Authentication, ConfigError, type Logger } from "@doubleshot/service-kit";
import { type AuthConfig, tokenNames } from "./auth-config.ts";

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;

interface TokenAuthentication extends Authentication {
  /** Keeps the keys up to date until the signal. Before, they are loaded when the first token needs them. Never rejects. */
  followKeys(signal: AbortSignal): Promise<void>;
}

/**
 * Returns the authentication of a process; undefined where it is off, which the log says.
 *
 * @throws ConfigError if it is off and other machines could call the process
 */
export function tokenAuthentication(config: AuthConfig, log: Logger): TokenAuthentication | undefined {
  const { AUTH_JWKS_URL: url, HOST } = config;
  if (url === undefined) {
    refuseWithoutAuthentication(config);
    log.warn(`authentication is off: every caller on ${HOST} may do everything. Set AUTH_JWKS_URL to turn it on`);
    return undefined;
  }
  const keys = new KeySet({
    load: () => loadPublicKeys(new URL(url)),
    onTrouble: (error) => log.warn({ err: error, url }, "the keys of AUTH_JWKS_URL cannot be loaded; trying again"),
  });
  const names = tokenNames(config);
  const verifier = new TokenVerifier({ keys, ...names });
  log.info({ ...names, keys: url }, "authentication is on");
  return { verify: (token) => verifier.verify(token), followKeys: (signal) => keys.follow(signal) };
}

function refuseWithoutAuthentication({ HOST, AUTH_ISSUER }: AuthConfig): void {
  if (!loopback.test(HOST)) {
    throw new ConfigError(
      `AUTH_JWKS_URL is not set; it must be the URL of the issuer's JWKS, because HOST is ${JSON.stringify(HOST)} and only a loopback address is served without authentication.`,
    );
  }
  if (AUTH_ISSUER !== undefined) {
    throw new ConfigError("AUTH_JWKS_URL is not set; it must be the URL of the JWKS of AUTH_ISSUER.");
  }
}
