export { type Place, SharedPlaces } from "./shared-places.ts";
