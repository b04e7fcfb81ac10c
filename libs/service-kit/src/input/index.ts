export { type JsonBodyOptions, jsonBody } from "./json-body.ts";
export { type Preferences, readPreferences } from "./prefer.ts";
export { refuseSpeculation } from "./speculative.ts";
export { validated } from "./validated.ts";
export { applied, appliedHeader, type Patience, patience } from "./wait-preference.ts";
