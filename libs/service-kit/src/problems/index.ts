export { refusesHead } from "./allowed-methods.ts";
export { ProblemError, type ProblemOptions, problemDocument } from "./problem.ts";
export { addProblemMembers } from "./problem-members.ts";
export { answerOptions, answerWithProblem, refuseMalformedPaths, refuseUnknownRoutes } from "./problem-responses.ts";
