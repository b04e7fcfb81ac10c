import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Docker } from "./docker-daemon.fixture.ts";

/** The part of `docker inspect` that these tests read. */
export interface Container {
  readonly Id: string;
  readonly Name: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Pid: number;
    readonly Status: string;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Health: { readonly Status: string };
  };
  readonly HostConfig: { readonly ReadonlyRootfs: boolean };
  readonly NetworkSettings: {
    readonly Ports: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>>;
    readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>>;
  };
}

/** Programs of which there is a base image and an image with the bundle. */
export const baseOf = { endpoint: "ministack", proxy: "nginx" } as const;

/** Makes the base images from their folder, and all images of the compose file. */
export async function buildImages({ docker, compose }: Docker): Promise<void> {
  const bases = settingOfRun("COMPOSE_BASES");
  await docker("import", join(bases, "debian.tar"), "doubleshot-local/debian");
  for (const target of ["node", "nginx", "ministack", "traces", "bundles"]) {
    await docker("build", "-q", "--target", target, "-t", `doubleshot-local/${target}`, bases);
  }
  await compose("build");
}

/** A folder that `npm run test:compose` has made. */
export function settingOfRun(name: "COMPOSE_BASES" | "DOCKER_FOLDER"): string {
  const folder = process.env[name];
  if (!folder) throw new Error(`${name} is not set: run npm run test:compose.`);
  return folder;
}

/** The containers of a service of the compose file, or of all services. Those that have ended are among them. */
export async function containersOf({ docker, compose }: Docker, ...services: string[]): Promise<Container[]> {
  const ids = (await compose("ps", "-aq", ...services)).split("\n").filter(Boolean);
  return ids.length === 0 ? [] : JSON.parse(await docker("inspect", ...ids));
}

/** Waits until the service has so many healthy containers, and returns them. */
export async function whenHealthy(docker: Docker, service: string, count: number): Promise<Container[]> {
  let healthy: Container[] = [];
  const look = async () => {
    healthy = (await containersOf(docker, service)).filter(({ State }) => State.Health.Status === "healthy");
    return healthy.length;
  };
  await expect.poll(look, { interval: 500, timeout: 180_000 }).toBe(count);
  return healthy;
}

/** Bytes of an image. */
export async function sizeOf({ docker }: Docker, image: string): Promise<number> {
  return Number(await docker("image", "inspect", "--format", "{{.Size}}", image));
}

/** A line of /proc/<pid>/status of the container's first process: `Uid`, `CapEff`. */
export async function statusOf({ State }: Container, field: string): Promise<string> {
  const status = await readFile(`/proc/${State.Pid}/status`, "utf8");
  return new RegExp(`^${field}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "";
}
