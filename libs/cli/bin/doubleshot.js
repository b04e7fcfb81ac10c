#!/usr/bin/env node
// Plain JavaScript, because a Node that is too old cannot read the rest.
import module from "node:module";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `Doubleshot needs Node 22.18 or newer and this is ${process.versions.node}: install a newer one (https://nodejs.org).\n`,
  );
  process.exit(1);
}
// Half of the time that a command takes is for loading the AWS clients.
module.enableCompileCache();
await import("../src/main.ts");
