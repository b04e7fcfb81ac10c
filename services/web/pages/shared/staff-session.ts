import { SessionKeeper } from "./session.ts";

/** Of a barista, on the pages behind the counter. */
export const staffSession = new SessionKeeper("staff");
