export { type Conformity, conformity, documentOf } from "./conformity.ts";
export { superlinearText } from "./growth.ts";
export { routesOf } from "./routes-of.ts";
export { slowFields } from "./slow-fields.ts";
