import { execFile } from "node:child_process";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { coffeeShop } from "@doubleshot/shop";
import { fileSentence } from "@doubleshot/topology";
import { copyPackageFile, makeImageFolder, serviceProgram } from "./image-folder.ts";
import { nginxConf } from "./nginx-conf.ts";

// Makes the contents of all images in a folder: npm run bundle --workspace containers -- /bundles. Each image of a Node
// program has a folder of its name; `proxy` and `endpoint` have theirs.

const run = promisify(execFile);
const checkout = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write("Name the folder for the bundles: npm run bundle --workspace containers -- /bundles\n");
  process.exit(1);
}

try {
  await Promise.all([
    ...Object.values(coffeeShop.services).map((service) =>
      makeImageFolder(join(folder, service.name), serviceProgram(service)),
    ),
    run(process.execPath, [
      checkout("services/web/build/main.ts"),
      join(folder, coffeeShop.services.web.name, "pages"),
    ]),
    dynamodbAdmin(join(folder, "dynamodb-admin")),
    endpoint(join(folder, "endpoint")),
    proxy(join(folder, "proxy")),
  ]);
} catch (error) {
  const sentence = fileSentence(error);
  if (sentence === undefined) throw error;
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}

async function dynamodbAdmin(into: string): Promise<void> {
  await makeImageFolder(into, {
    sources: { inspector: "libs/dev-shop/src/inspector.ts" },
    health: "http://127.0.0.1:8001/",
  });
  // Its packages are CommonJS, and find their files by __dirname. In the bundles that is the folder of the packages.
  const main = `globalThis.__dirname = import.meta.dirname + "/packages";\nawait import("./inspector.mjs");\n`;
  await writeFile(join(into, "main.mjs"), main);
  const admin = folderOf(import.meta.resolve("dynamodb-admin/package.json"));
  await cp(join(admin, "views"), join(into, "views"), { recursive: true });
  await cp(join(admin, "public"), join(into, "public"), { recursive: true });
  const errors = folderOf(import.meta.resolve("errorhandler/package.json"));
  await cp(join(errors, "public"), join(into, "packages/public"), { recursive: true });
  // Express loads the engine of the views by its name.
  await copyPackageFile(into, folderOf(import.meta.resolve("ejs/package.json")));
}

function folderOf(url: string): string {
  return dirname(fileURLToPath(url));
}

/** The command that provisions the shop and deploys the relay, and the relay. */
async function endpoint(into: string): Promise<void> {
  await makeImageFolder(into, {
    sources: { doubleshot: "libs/cli/src/main.ts" },
    health: "http://127.0.0.1:4566/_localstack/health",
  });
  await run(process.execPath, [checkout("lambdas/outbox/build.ts")]);
  const isModule = (path: string) => !path.endsWith(".map");
  await cp(checkout("lambdas/outbox/dist"), join(into, "relay"), { recursive: true, filter: isModule });
}

async function proxy(into: string): Promise<void> {
  await mkdir(into, { recursive: true });
  await writeFile(join(into, "nginx.conf"), nginxConf(coffeeShop));
}
