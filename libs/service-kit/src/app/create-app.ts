import express, { type Express } from "express";
import helmet from "helmet";
import { type Authentication, authenticationSetting } from "../access/index.ts";
import { logUnreadableCallers, type TrustProxy, trustedProxies } from "../callers/index.ts";
import type { DocumentOptions } from "../document/index.ts";
import { answerOptions, answerWithProblem, refuseMalformedPaths, refuseUnknownRoutes } from "../problems/index.ts";
import { type Logger, withRequestContext } from "../process/index.ts";
import { docsApi } from "./docs-page.ts";
import { measureRequests } from "./measure-requests.ts";
import { type OperationsOptions, operationsApi } from "./operations-api.ts";
import { requestLog } from "./request-log.ts";
import { traceRequests } from "./trace-requests.ts";

export interface AppOptions extends OperationsOptions {
  readonly log: Logger;
  readonly trustProxy?: TrustProxy;
  /** Judges tokens, for the routes' `access`. If left out, every caller may call every route. */
  readonly authentication?: Authentication | undefined;
  /** The document that `/openapi.json` and `/docs` show. If left out, these paths do not exist. */
  readonly document?: DocumentOptions;
  readonly routes: (app: Express) => void;
}

/**
 * Forbids a browser to load or run anything because of a response, since responses are data. `/docs` has its own policy.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html
 */
const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] },
  },
});

/**
 * Makes an Express app with the parts that every service has: ids, a span and a log line for each request, security headers,
 * `/livez`, `/readyz`, `/metrics`, `/openapi.json`, `/docs`, and a problem document for every failure, from an unknown
 * route to a bug.
 */
export function createApp(options: AppOptions): Express {
  const { log, trustProxy = false, authentication, metrics, document, routes } = options;
  const app = express();
  app.disable("x-powered-by");
  // Express would hash every body. Routes that know a version of their resource set their own ETag.
  app.disable("etag");
  app.set("trust proxy", trustedProxies(trustProxy));
  app.set(authenticationSetting, authentication);
  app.use(traceRequests, withRequestContext, requestLog(log), securityHeaders);
  if (metrics) app.use(measureRequests(metrics));
  app.use(refuseMalformedPaths, answerOptions);
  const operations = operationsApi(options);
  // Balancers and monitors ask for these directly, so their requests have no forwarded address.
  app.use(operations.router, logUnreadableCallers(log));
  if (document) app.use(docsApi({ ...document, apis: [...document.apis, operations] }).router);
  routes(app);
  app.use(refuseUnknownRoutes, answerWithProblem);
  return app;
}
