import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { buildPackage } from "./build-package.ts";

// npm run build -w libs/messaging: builds the folder that `npm publish libs/messaging/dist` publishes.

const folder = fileURLToPath(new URL("dist", import.meta.url));
await buildPackage(folder);
const { messages, pkg } = await publint({ pkgDir: folder, strict: true });
for (const message of messages) process.stdout.write(`${formatMessage(message, pkg)}\n`);
process.stdout.write("libs/messaging/dist: built\n");
process.exitCode = messages.length > 0 ? 1 : 0;
