import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { freePorts } from "@doubleshot/dev-shop";

export interface Ministack {
  /** The AWS settings by which every process finds it. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The endpoint cannot be installed or started. The message is one sentence. */
class MinistackError extends Error {
  override readonly name = "MinistackError";
  readonly exitSentence = true;
}

/**
 * Ends the program, and the processes of its functions, when this process ends: also by SIGKILL, after which no code of this
 * process runs. The shell becomes the program. A second process of its group reads from descriptor 3, whose other end is here.
 */
const guard = '(read -r _ <&3; kill -9 0) & exec "$@" 3<&-';

/** Loading its Python takes seconds on a busy machine. */
const startsWithinMs = 120_000;

/**
 * Starts ministack on a free port of 127.0.0.1, in memory. Its functions run on this process's Node.
 *
 * @throws MinistackError with one sentence
 */
export async function startMinistack(root: string): Promise<Ministack> {
  const program = await install(root);
  const folder = await mkdtemp(join(tmpdir(), "ministack-"));
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const log = await open(join(folder, "ministack.log"), "w");
  const child = spawn("sh", ["-c", guard, "sh", program], {
    cwd: folder,
    // A group of its own.
    detached: true,
    stdio: ["ignore", log.fd, log.fd, "pipe"],
    env: {
      ...process.env,
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      TMPDIR: folder,
      GATEWAY_PORT: String(port),
      BIND_HOST: "127.0.0.1",
      // Two more listeners, of which one would be on every interface.
      IOT_MTLS_ENABLED: "0",
      LOG_LEVEL: "WARNING",
    },
  });
  const stop = async () => {
    await stopGroup(child);
    await log.close();
    await rm(folder, { recursive: true, force: true });
  };
  if (!(await answers(`${url}/_ministack/health`, child))) {
    const lines = (await readTail(join(folder, "ministack.log"))) || "it printed nothing";
    await stop();
    throw new MinistackError(`ministack does not start at ${url} (${lines}): run npm run test:localstack again.`);
  }
  const test = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  return { env: { AWS_ENDPOINT_URL: url, MINISTACK: "1", ...test }, stop };
}

async function install(root: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(join(root, ".ci/python-program"), ["ministack"]);
    return stdout.trim();
  } catch (error) {
    // The last line is the sentence. The lines before it are pip's, if it has come that far.
    const { stderr = String(error) } = error as { stderr?: string };
    throw new MinistackError(`${stderr.trim().replace(/[.]$/, "")}; or set AWS_ENDPOINT_URL to an endpoint of yours.`);
  }
}

async function answers(url: string, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + startsWithinMs;
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    const healthy = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (healthy) return true;
    await delay(100);
  }
  return false;
}

/** Closes descriptor 3. Nothing in it is worth an orderly end. */
async function stopGroup(child: ChildProcess): Promise<void> {
  const exited = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
  (child.stdio[3] as Duplex | undefined)?.destroy();
  await exited;
}

async function readTail(file: string): Promise<string> {
  const log = await open(file);
  const text = await log.readFile("utf8").finally(() => log.close());
  return text.trim().split("\n").slice(-3).join(" | ");
}
