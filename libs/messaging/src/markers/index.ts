export { Markers } from "./markers.ts";
