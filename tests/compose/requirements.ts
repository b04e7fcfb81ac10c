import { delimiter } from "node:path";
import { findProgram } from "@doubleshot/local-aws/find-program";

/** Directories of Debian's programs. Other versions of Docker may stand in /usr/local/bin. */
export const debianPath = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].join(delimiter);

/** The needed programs by the packages of Debian that have them. */
const programs: Readonly<Record<string, readonly string[]>> = {
  "docker.io": ["dockerd", "docker"],
  "docker-compose": ["docker-compose"],
  debootstrap: ["debootstrap"],
  "util-linux": ["unshare"],
  iproute2: ["ip"],
  iptables: ["iptables-save"],
};

interface Machine {
  readonly platform: NodeJS.Platform;
  readonly user: number | undefined;
  /** Directories of its programs. */
  readonly path: string;
}

const thisMachine: Machine = { platform: process.platform, user: process.getuid?.(), path: debianPath };

/** Returns one sentence about the requirements of containers that the machine lacks, or undefined. */
export function missingRequirement({ platform, user, path }: Machine = thisMachine): string | undefined {
  const fails = "The containers cannot be tested here:";
  if (platform !== "linux") return `${fails} they need Linux, and this is ${platform}.`;
  if (user !== 0) return `${fails} a Docker daemon of their own needs root; run npm run test:compose as root.`;
  const isInstalled = (program: string) => findProgram(program, path) !== undefined;
  const missing = Object.entries(programs).filter(([, needed]) => !needed.every(isInstalled));
  if (missing.length === 0) return undefined;
  const packages = missing.map(([name]) => name).join(" ");
  return `${fails} programs of ${packages} are missing; run apt-get install --no-install-recommends ${packages}.`;
}
