import { fileURLToPath } from "node:url";
import { buildPackage } from "./build-package.ts";

// npm run build --prefix libs/cdk: builds the folder that `npm publish libs/cdk/dist` publishes.

try {
  await buildPackage(fileURLToPath(new URL("dist", import.meta.url)));
  process.stdout.write("libs/messaging/dist, libs/cdk/dist: built\n");
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
