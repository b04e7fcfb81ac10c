export { type Conformance, conformance, documentOf, sharedConformance } from "./conformance.ts";
export { entriesWalked } from "./entries-walked.ts";
export { serveHttp } from "./http-server.ts";
export { type PlainRequest, plainRequests } from "./plain-requests.ts";
export { type ReadEvent, readEvents } from "./read-events.ts";
export { routesOf } from "./routes-of.ts";
export { slowFields } from "./slow-fields.ts";
export { superlinearText } from "./superlinear-text.ts";
