import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { help as rushHelp } from "../bench/src/rush/command.ts";
import { commands } from "../libs/cli/src/commands.ts";
import { helpText } from "../libs/dev-shop/src/command-line.ts";
import { coffeeShop } from "../libs/shop/src/index.ts";

// The npm scripts as a newcomer meets them: before npm ci, on an old Node, with flags that npm takes.

const root = fileURLToPath(new URL("..", import.meta.url));
const guard = join(root, "libs/dev-shop/src/npm-script.js");
const flags = join(root, "libs/dev-shop/src/npm-flags.js");
const scriptsOf = (folder: string): Record<string, string> =>
  JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")).scripts;

/** Runs npm's guard the way npm does, in the checkout or in a copy of it. */
function runGuard(script: string, env: Record<string, string> = {}, { file = guard, args = [] as string[] } = {}) {
  const { status, stderr } = spawnSync(process.execPath, [file, ...args], {
    cwd: root,
    encoding: "utf8",
    env: { PATH: process.env.PATH, npm_lifecycle_event: script, ...env },
  });
  return { status, stderr };
}

describe("before npm ci", () => {
  let checkout: string;
  beforeAll(() => {
    checkout = mkdtempSync(join(tmpdir(), "not installed-"));
    cpSync(join(root, "package.json"), join(checkout, "package.json"));
    mkdirSync(join(checkout, "libs/dev-shop/src"), { recursive: true });
    cpSync(guard, join(checkout, "libs/dev-shop/src/npm-script.js"));
    cpSync(flags, join(checkout, "libs/dev-shop/src/npm-flags.js"));
    mkdirSync(join(checkout, "node_modules"));
    mkdirSync(join(checkout, "services"));
  });
  afterAll(() => rmSync(checkout, { recursive: true }));

  const again = (script: string) => (script === "start" || script === "test" ? `npm ${script}` : `npm run ${script}`);
  const sentence = (script: string) =>
    `Doubleshot's packages are not installed: run npm ci first, then ${again(script)} again.\n`;

  test.each(["start", "check"])("npm run %s says to run it", (script) => {
    const npm = ["run", "--silent", script];
    const env = { PATH: process.env.PATH, HOME: checkout };
    const { status, stderr, stdout } = spawnSync("npm", npm, { cwd: checkout, encoding: "utf8", env });
    expect([status, stdout + stderr]).toEqual([1, sentence(script)]);
  });

  test("after a pull that added a workspace, a package or a version: the guard of every script names it", () => {
    const node_modules = {
      "node_modules/zod": { version: "4.0.0" },
      "node_modules/@shop/bar": { resolved: "libs/bar" },
    };
    const lock = (file: string, packages: object) => writeFileSync(join(checkout, file), JSON.stringify({ packages }));
    const pulled = [
      ["@shop/till", { "node_modules/@shop/till": { resolved: "libs/till", link: true } }],
      ["@shop/bar", { "node_modules/@shop/bar": { resolved: "services/bar", link: true } }],
      ["zod 4.0.1", { "node_modules/zod": { version: "4.0.1" } }],
      ["ws 8.0.0", { "node_modules/zod/node_modules/ws": { version: "8.0.0", dev: true } }],
      [undefined, { "node_modules/only-on-windows": { version: "1.0.0", optional: true } }],
    ] as const;
    const file = join(checkout, "libs/dev-shop/src/npm-script.js");
    onTestFinished(() => {
      for (const each of ["node_modules/.package-lock.json", "package-lock.json"]) rmSync(join(checkout, each));
    });
    lock("node_modules/.package-lock.json", node_modules);
    for (const [name, gained] of pulled) {
      lock("package-lock.json", { "": { name: "doubleshot" }, ...node_modules, ...gained });
      const stderr = `Doubleshot has packages that are not installed (${name}): run npm ci, then npm start again.\n`;
      expect(runGuard("start", {}, { file })).toEqual(name ? { status: 1, stderr } : { status: 0, stderr: "" });
      expect(runGuard("prepare", {}, { file })).toEqual({ status: 0, stderr: "" });
    }
  });

  test("the guard of every script says to run it", () => {
    const file = join(checkout, "libs/dev-shop/src/npm-script.js");
    for (const script of Object.keys(scriptsOf("")).filter((name) => name !== "prepare")) {
      expect(runGuard(script, {}, { file })).toEqual({ status: 1, stderr: sentence(script) });
    }
  });
});

test.each(["#", "?", "%"])(
  "npm test in a path with %s, which Vite cannot read, says so; npm start does not mind",
  (odd) => {
    const checkout = mkdtempSync(join(tmpdir(), `checkout ${odd}20-`));
    onTestFinished(() => rmSync(checkout, { recursive: true }));
    mkdirSync(join(checkout, "node_modules"));
    writeFileSync(join(checkout, "node_modules/.package-lock.json"), "{}");
    mkdirSync(join(checkout, "libs/dev-shop/src"), { recursive: true });
    const file = join(checkout, "libs/dev-shop/src/npm-script.js");
    cpSync(guard, file);
    cpSync(flags, join(checkout, "libs/dev-shop/src/npm-flags.js"));
    const { status, stderr } = runGuard("test", {}, { file });
    expect(stderr).toBe(
      `The tests cannot run in ${checkout}/, because of the ${odd} in it: move the checkout to a path without one.\n`,
    );
    expect(status).toBe(1);
    expect(runGuard("start", {}, { file })).toEqual({ status: 0, stderr: "" });
  },
);

test("every script begins with the guard", () => {
  const all = [...Object.entries(scriptsOf("")), ...Object.entries(scriptsOf("bench"))];
  expect(
    all.filter(([, command]) => !/^(exec )?node (\.\.\/)?libs\/dev-shop\/src\/npm-script\.js/.test(command)),
  ).toEqual([]);
});

test("a Node that is too old gets the remedy of its platform", () => {
  const folder = mkdtempSync(join(tmpdir(), "old-node-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const old = join(folder, "old.mjs");
  const script = (platform: string) => `
    Object.defineProperty(process, "versions", { value: { node: "20.20.2" } });
    Object.defineProperty(process, "platform", { value: "${platform}" });
    process.argv = [process.argv[0], "guard"];
    await import(${JSON.stringify(guard)});`;
  writeFileSync(old, script("linux"));
  const onLinux = runGuard("start", {}, { file: old });
  expect(onLinux.stderr).toMatch(/^Doubleshot needs Node 22\.18 or newer and this is 20\.20\.2: run npm ci, .+\n$/);
  expect(onLinux.status).toBe(1);
  writeFileSync(old, script("darwin"));
  expect(runGuard("start", {}, { file: old }).stderr).toMatch(/: install a newer one \(https:\/\/nodejs\.org\)\.\n$/);
});

describe("flags that npm takes", () => {
  /** The flags that a help text lists. */
  const flagsIn = (help: string) => [
    ...new Set([...help.matchAll(/(?<![\w-])--([a-z][a-z-]*)/g)].map(([, name]) => name)),
  ];
  const verbs = Object.values(commands).map((command) => command.help);
  test.each([
    ["start", helpText(coffeeShop)],
    ["rush", rushHelp],
    ["doubleshot", verbs.join("\n")],
    ["simulation", "--count --seed --replay"],
    ["waiters", "--count"],
    ["saga", "--count --gap --polls"],
    ["test", "--project --update"],
  ])("npm run %s: each of its flags is named, with the way to pass it on", (script, help) => {
    // npm answers these two itself.
    const flags = flagsIn(help).filter((name = "") => !["help", "version"].includes(name));
    expect(flags.length).toBeGreaterThan(0);
    const settings = flags.map((name = "") =>
      name === "verbose" ? ["npm_config_loglevel", "verbose"] : [`npm_config_${name.replaceAll("-", "_")}`, "true"],
    );
    const npm_package_json = join(root, script in scriptsOf("") ? "" : "bench", "package.json");
    const { status, stderr } = runGuard(script, { ...Object.fromEntries(settings), npm_package_json });
    const [, kept = "", example = ""] = /^npm keeps (.+) to itself: .+ as in npm .* -- (.+)\.\n$/.exec(stderr) ?? [];
    const typed = flags.map((name) => `--${name}`).toSorted();
    expect([status, kept.split(" and ").toSorted(), example.split(" ").toSorted()]).toEqual([2, typed, typed]);
  });

  test("the verb of doubleshot stays in the example", () => {
    const { stderr } = runGuard(
      "doubleshot",
      { npm_config_json: "true" },
      { args: ["libs/cli/bin/doubleshot.js", "status"] },
    );
    expect(stderr).toContain("as in npm run doubleshot -- status --json.\n");
  });

  test("a setting of npm that is off is no flag", () => {
    expect(runGuard("doubleshot", { npm_config_yes: "", npm_config_json: "false" })).toEqual({ status: 0, stderr: "" });
  });
});

describe("npm itself", () => {
  /** npm with arguments, in a shop that could not open: the port ends the start, before anything is opened. */
  function npm(args: string[], { NPM_CONFIG_YES: _yes, npm_config_yes: __yes, ...env }: NodeJS.ProcessEnv, more = {}) {
    return spawnSync("npm", args, { cwd: root, encoding: "utf8", env: { ...env, ORDERS_PORT: "none", ...more } });
  }

  test.each([
    ["fresh", []],
    ["frsh", []],
    ["port", ["5", "--", "--help"]],
  ])("npm start --%s does not open the shop without it", (flag, rest) => {
    const { status, stderr } = npm(["start", `--${flag}`, ...rest], process.env);
    expect(stderr).toContain(
      `npm keeps --${flag} to itself: put -- in front of all arguments, as in npm start -- --${flag}.\n`,
    );
    expect(status).toBe(2);
  });

  test("--yes is a flag where it was typed", () => {
    const { status, stderr } = npm(["run", "doubleshot", "status", "--yes"], process.env);
    expect([status, stderr]).toEqual([2, expect.stringContaining("npm keeps --yes to itself")]);
  });

  test.each([
    ["of the environment", { npm_config_yes: "true", npm_config_build_from_source: "true" }],
    ["of the environment, in capitals", { NPM_CONFIG_YES: "true" }],
    ["of a file", { npm_config_userconfig: "settings" }],
  ])("settings %s are no flags", (_, settings) => {
    const folder = mkdtempSync(join(tmpdir(), "npmrc-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "npmrc");
    writeFileSync(file, "yes=true\nbuild_from_source=true\n");
    const more = "npm_config_userconfig" in settings ? { npm_config_userconfig: file } : settings;
    const { status, stdout, stderr } = npm(["run", "-s", "doubleshot", "--", "--version"], process.env, more);
    expect([status, stdout, stderr]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/), ""]);
  });
});
