import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { missingRequirement } from "./requirements.ts";

function folderWith(...programs: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "doubleshot-programs-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const program of programs) writeFileSync(join(folder, program), "", { mode: 0o755 });
  return folder;
}

const fails = "The containers cannot be tested here:";
const linux = { platform: "linux", user: 0 } as const;

test("a machine without Docker gets one sentence with the packages to install", () => {
  const path = folderWith("debootstrap", "unshare", "ip", "iptables-save");
  const packages = "docker.io docker-compose";
  expect(missingRequirement({ ...linux, path })).toBe(
    `${fails} programs of ${packages} are missing; run apt-get install --no-install-recommends ${packages}.`,
  );
});

test("a machine with all programs, in any of its folders, lacks nothing", () => {
  const path = [
    folderWith("dockerd", "docker", "docker-compose"),
    folderWith("debootstrap", "unshare", "ip", "iptables-save"),
  ];
  expect(missingRequirement({ ...linux, path: path.join(delimiter) })).toBeUndefined();
});

test("another system, and a user without the rights of root, are named", () => {
  expect(missingRequirement({ ...linux, platform: "darwin", path: "" })).toBe(
    `${fails} they need Linux, and this is darwin.`,
  );
  expect(missingRequirement({ ...linux, user: 1000, path: "" })).toBe(
    `${fails} a Docker daemon of their own needs root; run npm run test:compose as root.`,
  );
});
