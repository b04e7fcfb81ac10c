import { existsSync, readdirSync, readFileSync } from "node:fs";
import module from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { takenFlags } from "./npm-flags.js";

// Every npm script starts here: `node npm-script.js [<program> <arguments>]`. It checks the installation, the version of
// Node and the flags, each with one sentence, and then runs the program, if there is one. It is plain JavaScript without
// dependencies, because it runs on a Node that is too old as well, and before `npm ci`.

const root = fileURLToPath(new URL("../../../", import.meta.url));
const script = process.env.npm_lifecycle_event || "start";
const called = script === "start" || script === "test" ? `npm ${script}` : `npm run ${script}`;

checkInstallation();
checkVersion();
checkFlags();
checkPath();
const [, , program] = process.argv;
if (program !== undefined) {
  // With this cache, modules are compiled once. All programs of a shop share the folder.
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE || join(root, "node_modules/.cache/doubleshot"));
  process.argv.splice(1, 1);
  process.argv[1] = resolve(program);
  await import(pathToFileURL(process.argv[1]).href);
}

function checkInstallation() {
  // npm writes this file last. `npm ci` itself runs `prepare`, and has not written it yet.
  const installed = join(root, "node_modules/.package-lock.json");
  if (script === "prepare") return;
  if (!existsSync(installed)) {
    end(1, `Doubleshot's packages are not installed: run npm ci first, then ${called} again.`);
  }
  const missing = packageNotInstalled(installed);
  if (missing === undefined) return;
  end(1, `Doubleshot has packages that are not installed (${missing}): run npm ci, then ${called} again.`);
}

/** A package or workspace that package-lock.json has gained or changed since npm ci, as by a pull. Takes milliseconds. */
function packageNotInstalled(installed) {
  const locked = join(root, "package-lock.json");
  if (!existsSync(locked)) return undefined;
  const there = packagesIn(installed);
  const [path, { version, link } = {}] =
    Object.entries(packagesIn(locked)).find(([path, wanted]) => path !== "" && !isThere(wanted, there[path])) || [];
  if (path === undefined) return undefined;
  const name = path.replace(/^.*node_modules\//, "");
  return link || version === undefined ? name : `${name} ${version}`;
}

function packagesIn(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages || {};
}

/** Optional packages are those of other platforms. A link is that of a workspace, which may have moved. */
function isThere({ version, resolved, link, optional }, found) {
  if (found === undefined) return Boolean(optional);
  return link ? found.resolved === resolved : found.version === version;
}

function checkVersion() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return;
  const packaged = process.platform === "linux" && ["x64", "arm64"].includes(process.arch);
  const remedy = packaged
    ? "run npm ci, without --omit=optional: it brings Node 24 for the npm scripts"
    : "install a newer one (https://nodejs.org)";
  end(1, `Doubleshot needs Node 22.18 or newer and this is ${process.versions.node}: ${remedy}.`);
}

function checkFlags() {
  const taken = takenFlags(flagsOfScript()).map((name) => `--${name}`);
  if (taken.length === 0) return;
  // The verb of `doubleshot` comes first. The other arguments may be values of flags that npm has taken.
  const verb = script === "doubleshot" ? process.argv.slice(3, 4) : [];
  const example = [called, "--", ...verb, ...taken].join(" ");
  end(2, `npm keeps ${taken.join(" and ")} to itself: put -- in front of all arguments, as in ${example}.`);
}

/** The flags that package.json lists for the script. npm start has one more for each service. */
function flagsOfScript() {
  const file = process.env.npm_package_json || join(root, "package.json");
  if (!existsSync(file)) return [];
  const { flags = {} } = JSON.parse(readFileSync(file, "utf8"));
  const services = script === "start" ? readdirSync(join(root, "services")) : [];
  return [...(flags[script] || []), ...services];
}

/** Vite takes # and ? for the end of a file's path, and Vitest decodes the characters after a %. */
function checkPath() {
  const [character] = /[#?%]/.exec(root) || [];
  if (character === undefined || !script.startsWith("test")) return;
  end(
    1,
    `The tests cannot run in ${root}, because of the ${character} in it: move the checkout to a path without one.`,
  );
}

function end(code, sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(code);
}
