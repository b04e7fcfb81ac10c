export { type ConnectOptions, connect } from "./connect.ts";
export { failureText } from "./failure-text.ts";
