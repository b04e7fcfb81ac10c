import { spawn } from "node:child_process";
import { once } from "node:events";
import { runProgram } from "./run-program.ts";

/** Addresses of this machine and of the other one, from the block for documentation. */
export const here = "198.51.100.1";
const there = "198.51.100.7";
const port = 8080;

/** Another machine, as a network namespace with a cable to this one. A server listens on it. */
export interface Outside extends AsyncDisposable {
  /** A Node program that ends with 0 if it can connect to the other machine's server. */
  readonly connectThere: string;
  /** Whether the other machine can connect to this address. */
  connects(host: string, port: number): Promise<boolean>;
}

export async function startOutside(): Promise<Outside> {
  const server = `require("node:net").createServer((s) => s.end()).listen(${port}, () => console.log("listening"))`;
  const machine = spawn("unshare", ["--net", process.execPath, "-e", server], { stdio: ["ignore", "pipe", "inherit"] });
  // It is in its namespace now.
  await once(machine.stdout, "data");
  const inside = (...program: string[]) => runProgram("nsenter", ["--net", `--target=${machine.pid}`, ...program]);
  await runProgram("ip", ["link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", `${machine.pid}`]);
  await runProgram("ip", ["address", "add", `${here}/24`, "dev", "cable"]);
  await runProgram("ip", ["link", "set", "cable", "up"]);
  await inside("ip", "address", "add", `${there}/24`, "dev", "cable");
  await inside("ip", "link", "set", "cable", "up");
  await inside("ip", "route", "add", "default", "via", here);
  return {
    connectThere: connecting(there, port),
    connects: (host, port) =>
      inside(process.execPath, "-e", connecting(host, port)).then(
        () => true,
        () => false,
      ),
    [Symbol.asyncDispose]: async () => {
      const exited = once(machine, "exit");
      machine.kill("SIGKILL");
      await exited;
    },
  };
}

/** A refusal answers at once; a packet that is dropped has no answer. */
const connecting = (host: string, port: number): string =>
  `require("node:net").connect(${port}, "${host}").on("connect", () => process.exit(0)).on("error", () => process.exit(1)).setTimeout(3000, () => process.exit(1))`;
