import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";

// libs/cdk uses the copy of the CDK that infra/package-lock.json installs. One of its own in the checkout's node_modules would make
// npm ci longer for everybody who deploys nothing. `npm ci` in the checkout removes these links, so they are made again.

for (const name of ["aws-cdk-lib", "constructs"]) {
  const folder = fileURLToPath(new URL("../../libs/cdk/node_modules/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  rmSync(`${folder}${name}`, { recursive: true, force: true });
  symlinkSync(`../../../infra/node_modules/${name}`, `${folder}${name}`);
}
