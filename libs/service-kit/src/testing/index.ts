export { type Conformity, conformity, documentOf } from "./conformity.ts";
export { entriesWalked } from "./entries-walked.ts";
export { superlinearText } from "./growth.ts";
export { type PlainRequest, plainRequests } from "./plain-requests.ts";
export { type ReadEvent, readEvents } from "./read-events.ts";
export { routesOf } from "./routes-of.ts";
export { slowFields } from "./slow-fields.ts";
