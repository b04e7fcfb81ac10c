import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

// infra and libs/cdk share the copy of the CDK that infra/package-lock.json installs: one in the checkout's node_modules would make
// npm ci longer for everybody who deploys nothing. So libs/cdk is no workspace of the checkout, whose npm ci would follow these
// links and delete what they lead to.

const links = {
  "libs/cdk/node_modules/aws-cdk-lib": "../../../infra/node_modules/aws-cdk-lib",
  "libs/cdk/node_modules/constructs": "../../../infra/node_modules/constructs",
  "infra/node_modules/@doubleshot/cdk": "../../../libs/cdk",
};

for (const [path, target] of Object.entries(links)) {
  const link = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { recursive: true, force: true });
  symlinkSync(target, link);
}
