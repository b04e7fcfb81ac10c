import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// npm takes a flag without `--` before it as a setting of its own. The script sees it in `npm_config_<name>` at most, and
// `loglevel=error` in .npmrc hides npm's warning. The same variables carry settings that were not typed: those of a CI, of
// `npx -y`, of an .npmrc.

const variable = (name) => `npm_config_${name.replace(/[-.]/g, "_").toLowerCase()}`;

/** Returns the script's flags that npm has taken, and each typed flag that npm does not know either. */
export function takenFlags(own) {
  const given = givenToNpm();
  const known = knownToNpm();
  const unknown = given && known ? unknownFlags(given, known) : [];
  return [...own.filter((name) => isTaken(name, given)), ...unknown.filter((name) => !own.includes(name))];
}

/** Flags of the scripts that are settings of npm as well. */
const shared = ["all", "json", "yes", "verbose"];

function isTaken(name, given) {
  // npm has a --verbose of its own, which .npmrc rules out otherwise.
  const setting = variable(name === "verbose" ? "loglevel" : name);
  const value = process.env[setting];
  if (name === "verbose" ? value !== "verbose" : value === undefined || value === "" || value === "false") return false;
  if (given === undefined) return !shared.includes(name);
  return !given.some((each) => each.setting === setting && each.value === value);
}

function unknownFlags(given, known) {
  const isGiven = (setting) => known.has(setting) || given.some((each) => each.setting === setting);
  return Object.entries(process.env)
    .filter(([name, value]) => name.startsWith("npm_config_") && value && !isGiven(name))
    .map(([name]) => name.slice("npm_config_".length).replace(/_/g, "-"));
}

/** The settings that npm was started with or has read from files; undefined where the system does not show them. */
function givenToNpm() {
  const { npm_config_userconfig: user, npm_config_globalconfig: global, npm_execpath: npm } = process.env;
  const files = [".npmrc", user, global, npm && join(npm, "../../npmrc")].filter((file) => file && existsSync(file));
  try {
    // `exec node` runs the script, so its parent is npm.
    const inherited = readFileSync(`/proc/${process.ppid}/environ`, "utf8").replace(/\0/g, "\n");
    return [
      ...settingsIn(inherited).filter(({ setting }) => setting.startsWith("npm_config_")),
      ...files.flatMap((file) => settingsIn(readFileSync(file, "utf8"), variable)),
    ];
  } catch {
    return undefined;
  }
}

function settingsIn(text, nameOf = (name) => name.toLowerCase()) {
  return [...text.matchAll(/^[ \t]*([\w.-]+)[ \t]*(?:=[ \t]*(.*?))?[ \t\r]*$/gm)].map(([, name, value = "true"]) => ({
    setting: nameOf(name),
    value,
  }));
}

/** npm's settings, and three variables that it sets beside them; undefined when another program runs the script. */
function knownToNpm() {
  try {
    const { definitions } = createRequire(process.env.npm_execpath)("@npmcli/config/lib/definitions");
    return new Set([...Object.keys(definitions), "npm-version", "global-prefix", "local-prefix"].map(variable));
  } catch {
    return undefined;
  }
}
