import { SessionKeeper } from "./session.ts";

/** The session of a barista or an engineer on this device. */
export const staffSession = new SessionKeeper("staff");
