export { type DeployOptions, deployRelays } from "./deploy-relays.ts";
export { createLambdaClient } from "./lambda-client.ts";
