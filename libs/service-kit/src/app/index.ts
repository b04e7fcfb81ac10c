export { Api, type ParsedRequest } from "./api.ts";
export { type AppOptions, createApp } from "./create-app.ts";
