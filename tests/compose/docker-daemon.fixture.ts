import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { vi } from "vitest";
import { debianPath } from "./requirements.ts";
import { runProgram } from "./run-program.ts";

export interface Docker extends AsyncDisposable {
  /** Runs a command of Docker and returns its output. */
  docker(...args: string[]): Promise<string>;
  /** Runs a command of docker-compose on the shop and returns its output. */
  compose(...args: string[]): Promise<string>;
}

const checkout = new URL("../../", import.meta.url).pathname;

/** The images of this machine, and the settings for an endpoint that needs no Docker of its own. */
const composeSettings = {
  COMPOSE_PROJECT_NAME: "doubleshot",
  COMPOSE_DOCKER_CLI_BUILD: "1",
  // BuildKit alone leaves out the stage that installs from npm.
  DOCKER_BUILDKIT: "1",
  NODE_IMAGE: "doubleshot-local/node",
  NGINX_IMAGE: "doubleshot-local/nginx",
  ENDPOINT_IMAGE: "doubleshot-local/ministack",
  BUNDLES_IMAGE: "doubleshot-local/bundles",
  TRACES_IMAGE: "doubleshot-local/traces",
  COMPOSE_PROFILES: "traces",
  OTEL_EXPORTER_OTLP_ENDPOINT: "http://traces:4318",
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  DOCKER_SOCKET: "/dev/null",
};

/** Starts a Docker daemon in the namespaces of this process, with its files and its socket in the folder. */
export async function startDocker(folder: string): Promise<Docker> {
  const socket = `unix://${join(folder, "docker.sock")}`;
  const env = {
    PATH: debianPath,
    HOME: folder,
    DOCKER_HOST: socket,
    ...composeSettings,
    OPEN_FILES: await openFiles(),
  };
  await runProgram("ip", ["link", "set", "lo", "up"], { env });
  const log = await open(join(folder, "dockerd.log"), "w");
  const paths = { "--data-root": "data", "--exec-root": "exec", "--pidfile": "docker.pid" };
  const options = Object.entries(paths).flatMap(([option, path]) => [option, join(folder, path)]);
  const daemon = spawn("dockerd", ["--host", socket, ...options], { env, stdio: ["ignore", log.fd, log.fd] });
  const docker = (...args: string[]) => runProgram("docker", args, { env });
  const dispose = async () => {
    await stop(daemon);
    await log.close();
  };
  try {
    await vi.waitFor(() => docker("version"), { timeout: 120_000, interval: 200 });
  } catch (error) {
    const output = await readFile(join(folder, "dockerd.log"), "utf8");
    await dispose();
    throw new Error(`dockerd does not start: ${output}`, { cause: error });
  }
  return {
    docker,
    compose: (...args) => runProgram("docker-compose", args, { env, cwd: checkout }),
    [Symbol.asyncDispose]: dispose,
  };
}

async function stop(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const exited = once(daemon, "exit");
  daemon.kill("SIGTERM");
  await exited;
}

/** The hard limit of this process: a container cannot have a higher one everywhere. */
async function openFiles(): Promise<string> {
  const limits = await readFile("/proc/self/limits", "utf8");
  return /^Max open files +\d+ +(\d+)/m.exec(limits)?.[1] ?? "1024";
}
