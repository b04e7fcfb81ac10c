import { authenticationSetting, ProblemError } from "@doubleshot/service-kit";
import { refusalOfPage } from "@doubleshot/topology/web-pages";
import type { RequestHandler } from "express";

/**
 * Where authentication is off, the process listens on a loopback address and a browser there reaches it without a token. So it
 * refuses pages of other origins, and hosts that are not this machine (DNS rebinding). Elsewhere the token protects the routes.
 */
export const refuseForeignPages: RequestHandler = ({ app, method, headers }, _response, next) => {
  const refusal = app.get(authenticationSetting) === undefined ? refusalOfPage(method, headers) : undefined;
  if (refusal !== undefined) throw new ProblemError(403, refusal);
  next();
};
