// Loaded before any TypeScript, and plain JavaScript because of that: a Node that is too old cannot read the rest.
// npm scripts run the Node that `npm ci` installed on Linux; elsewhere they run the machine's own.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `Doubleshot needs Node 22.18 or newer and this is ${process.versions.node}: install a newer one (https://nodejs.org).\n`,
  );
  process.exit(1);
}
