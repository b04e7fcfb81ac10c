export { type Conformity, conformity, documentOf } from "./conformity.ts";
export { routesOf } from "./routes-of.ts";
