import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ProgramError, runProgram } from "./run-program.ts";

// The files of the base images, where no registry of images is reached: Debian by debootstrap, ministack from PyPI, Node from
// node_modules, and the bundles of this checkout.

const root = fileURLToPath(new URL("../../", import.meta.url));
const dockerfile = fileURLToPath(new URL("bases.Dockerfile", import.meta.url));
const spanLog = fileURLToPath(new URL("span-log.ts", import.meta.url));
/** Of this machine's Debian. nginx and Python are in the base of every image, so that there is one to make. */
const packages = "nginx-light,python3";
/** The versions of ministack and its dependencies. */
const versions = join(root, ".ci/ministack.txt");

/**
 * Makes the folder of the bases, and returns it. Debian and ministack are kept until the next `npm ci`; the bundles are made
 * again each time.
 *
 * @throws ProgramError with the end of the output of the program that failed
 */
export async function makeBases(report: (line: string) => void): Promise<string> {
  const folder = join(root, "node_modules/.cache/compose-bases");
  await mkdir(folder, { recursive: true });
  const debian = join(folder, "debian.tar");
  if (!existsSync(debian)) await makeDebian(debian, report);
  const ministack = join(folder, "ministack");
  if (!(await hasVersions(ministack))) await installMinistack(ministack, report);
  report("Bundling the services.");
  await cp(process.execPath, join(folder, "node"));
  await cp(dockerfile, join(folder, "Dockerfile"));
  await cp(spanLog, join(folder, "span-log.ts"));
  await rm(join(folder, "bundles"), { recursive: true, force: true });
  await runProgram(process.execPath, [join(root, "containers/src/main.ts"), join(folder, "bundles")]);
  return folder;
}

async function makeDebian(tar: string, report: (line: string) => void): Promise<void> {
  report("Making a Debian for the base images (debootstrap).");
  const release = await readFile("/etc/os-release", "utf8");
  const suite = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
  const sites = await runProgram("apt-get", ["indextargets", "--format", "$(SITE)", "Created-By: Packages"]);
  const [mirror = ""] = sites.split("\n");
  if (!/^ID=debian$/m.test(release) || suite === undefined || mirror === "") {
    throw new ProgramError("This machine is no Debian with a mirror in its apt sources: test the containers on one.");
  }
  const work = await mkdtemp(join(tmpdir(), "doubleshot-debian-"));
  try {
    const unused = [
      "./var/cache/apt/archives/*.deb",
      "./var/lib/apt/lists/*",
      "./usr/share/doc/*",
      "./usr/share/locale/*",
    ];
    await runProgram("debootstrap", ["--variant=minbase", `--include=${packages}`, suite, join(work, "root"), mirror]);
    const excludes = unused.map((pattern) => `--exclude=${pattern}`);
    await runProgram("tar", ["-C", join(work, "root"), ...excludes, "-cf", join(work, "debian.tar"), "."]);
    await runProgram("mv", [join(work, "debian.tar"), `${tar}.part`]);
    await rename(`${tar}.part`, tar);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Installs ministack for the Python of the base image, which may be another than this machine's. */
async function installMinistack(folder: string, report: (line: string) => void): Promise<void> {
  report("Installing ministack for the endpoint.");
  const program = await runProgram(join(root, ".ci/python-program"), ["ministack"]);
  const tar = join(dirname(folder), "debian.tar");
  const listed = await runProgram("tar", ["-tf", tar, "--wildcards", "./usr/bin/python3.*"]);
  const version = /python(3\.\d+)$/m.exec(listed)?.[1] ?? "3";
  const target = ["--target", `${folder}.part`, "--python-version", version, "--only-binary=:all:"];
  await rm(`${folder}.part`, { recursive: true, force: true });
  await runProgram(join(dirname(program.trim()), "python"), [
    "-m",
    "pip",
    "install",
    "-q",
    ...target,
    "--requirement",
    versions,
  ]);
  await cp(versions, join(`${folder}.part`, "installed.txt"));
  await rm(folder, { recursive: true, force: true });
  await rename(`${folder}.part`, folder);
}

async function hasVersions(folder: string): Promise<boolean> {
  const installed = join(folder, "installed.txt");
  return existsSync(installed) && (await readFile(installed, "utf8")) === (await readFile(versions, "utf8"));
}
