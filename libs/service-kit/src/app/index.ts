export { Api, type Asked } from "./api.ts";
export { type AppOptions, createApp } from "./create-app.ts";
