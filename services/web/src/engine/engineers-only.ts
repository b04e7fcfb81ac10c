import type { Access } from "@doubleshot/service-kit";

/** No role is listed: the engineer may call every route, and nobody else calls these. */
export const engineersOnly: Access = {};
