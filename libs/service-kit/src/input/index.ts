export { cursorText, placeIn, toCursor, unknownCursor } from "./cursor.ts";
export { entityTag, matchesEntityTag } from "./entity-tag.ts";
export { type JsonBodyOptions, jsonBody } from "./json-body.ts";
export { type Preferences, readPreferences } from "./prefer.ts";
export { refuseSpeculation } from "./refuse-speculation.ts";
export { RequestSubject, type RequestSubjectOptions } from "./request-subject.ts";
export { validate } from "./validate.ts";
export {
  preferenceApplied,
  preferenceAppliedHeader,
  type WaitPreference,
  type WaitPreferenceOptions,
  waitPreference,
} from "./wait-preference.ts";
