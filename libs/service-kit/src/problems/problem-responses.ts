import type { ErrorRequestHandler, RequestHandler } from "express";
import { contextOf } from "../process/index.ts";
import { allowedMethods } from "./allowed-methods.ts";
import { ProblemError, problemDocument } from "./problem.ts";
import { problemMembersOf } from "./problem-members.ts";

/** Refuses paths that no route could decode. */
export const refuseMalformedPaths: RequestHandler = (request, _response, next) => {
  try {
    decodeURIComponent(request.path);
    next();
  } catch {
    next(malformedPath());
  }
};

/** Answers OPTIONS with the methods that the path takes, or the service for `*`. Express would answer with a text. */
export const answerOptions: RequestHandler = (request, response, next) => {
  if (request.method !== "OPTIONS") return next();
  const methods = request.url === "*" ? ["GET", "HEAD", "POST"] : allowedMethods(request.app.router, request.path);
  if (methods.length === 0) return next();
  response.status(204).set("Allow", methods.join(", ")).end();
};

/** Answers a request that no route took: 404 for an unknown path, 405 if only the method is wrong. */
export const refuseUnknownRoutes: RequestHandler = (request, _response, next) => {
  const methods = allowedMethods(request.app.router, request.path);
  if (methods.length === 0) {
    const hasDocs = allowedMethods(request.app.router, "/docs").length > 0;
    next(
      new ProblemError(
        404,
        `There is no ${request.path} here. ${hasDocs ? "See /docs for the paths of this service" : "Check the path"}.`,
      ),
    );
    return;
  }
  const Allow = methods.join(", ");
  const detail = `${request.path} does not take ${request.method}. Use one of: ${Allow}.`;
  next(new ProblemError(405, detail, { headers: { Allow } }));
};

/** Answers any error with a problem. Only unexpected errors are logged as errors, with their stack. */
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
    // Not `send`, which hashes the text for an ETag: under an attack, the response is most of the cost of a refusal.
    .end(JSON.stringify(problemDocument(problem, contextOf(request)?.requestId, problemMembersOf(response))));
};

function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const status = statusOf(error);
  // The router fails with a 400 for a parameter that it cannot decode.
  if (error instanceof URIError && status === 400) return malformedPath();
  if (status !== undefined && status >= 400 && status < 500) {
    return new ProblemError(status, "The request could not be understood. Correct it before sending it again.");
  }
  return new ProblemError(
    500,
    "The service failed unexpectedly. Send the request again; if it fails again, report the instance named here.",
  );
}

function malformedPath(): ProblemError {
  return new ProblemError(400, "The path has a malformed percent-encoding. Encode a percent sign itself as %25.");
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && "status" in error && typeof error.status === "number" ? error.status : undefined;
}
