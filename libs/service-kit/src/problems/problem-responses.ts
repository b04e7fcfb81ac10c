import type { ErrorRequestHandler, RequestHandler } from "express";
import { contextOf } from "../process/index.ts";
import { allowedMethods } from "./allowed-methods.ts";
import { Problem, problemDocument } from "./problem.ts";
import { problemMembersOf } from "./problem-members.ts";

/** Refuses paths that no route could decode, whichever route they would have met. */
export const refuseMalformedPaths: RequestHandler = (request, _response, next) => {
  try {
    decodeURIComponent(request.path);
    next();
  } catch {
    next(malformedPath());
  }
};

/** Answers OPTIONS itself, as Express would with a text: the methods that the path takes, or the service for `*`. */
export const answerOptions: RequestHandler = (request, response, next) => {
  if (request.method !== "OPTIONS") return next();
  const methods = request.url === "*" ? ["GET", "HEAD", "POST"] : allowedMethods(request.app.router, request.path);
  if (methods.length === 0) return next();
  response.status(204).set("Allow", methods.join(", ")).end();
};

/** The end of the road for a request that no route took: the path is unknown, or only the method is wrong. */
export const refuseUnknownRoutes: RequestHandler = (request, _response, next) => {
  const methods = allowedMethods(request.app.router, request.path);
  if (methods.length === 0) {
    const hasDocs = allowedMethods(request.app.router, "/docs").length > 0;
    next(
      new Problem(404, `Nothing is here at ${request.path}. ${hasDocs ? "See /docs for what is" : "Check the path"}.`),
    );
    return;
  }
  const Allow = methods.join(", ");
  const detail = `${request.path} does not take ${request.method}. Use one of: ${Allow}.`;
  next(new Problem(405, detail, { headers: { Allow } }));
};

/** Turns whatever was thrown into a problem. Only what we did not expect is logged as an error, with its stack. */
export const answerWithProblem: ErrorRequestHandler = (error: unknown, request, response, _next) => {
  const problem = toProblem(error);
  if (problem.status === 500) response.err = error instanceof Error ? error : new Error(String(error));
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response
    .status(problem.status)
    .set(problem.headers)
    .type("application/problem+json; charset=utf-8")
    // Not `send`, which hashes it for an ETag: under an attack, most of what a refusal costs is its answer.
    .end(JSON.stringify(problemDocument(problem, contextOf(request)?.requestId, problemMembersOf(response))));
};

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const status = statusOf(error);
  // The router fails with a 400 on a parameter it cannot decode.
  if (error instanceof URIError && status === 400) return malformedPath();
  if (status !== undefined && status >= 400 && status < 500) {
    return new Problem(status, "The request could not be understood. Correct it before sending it again.");
  }
  return new Problem(500, "Something broke on our side. Try again; if it stays, report the instance named here.");
}

function malformedPath(): Problem {
  return new Problem(400, "The path has a malformed percent-encoding. Encode a percent sign itself as %25.");
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && "status" in error && typeof error.status === "number" ? error.status : undefined;
}
