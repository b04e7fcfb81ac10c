import { setTimeout as sleep } from "node:timers/promises";
import { spawnWard, type Ward } from "../dies-with-parent.ts";
import { reason } from "../log.ts";
import { StartRefused } from "../start-refused.ts";
import { type Address, backstageAddresses, hasOwnAddress } from "./backstage.ts";
import { findDynoxide } from "./find-dynoxide.ts";
import { type Front, openFront } from "./front.ts";
import { endOrphans } from "./orphans.ts";
import { addStreamIndexes } from "./stream-indexes.ts";
import { temporaryFile } from "./temporary-file.ts";

export interface Dynoxide {
  /** For people, tools and tests: refuses web pages. */
  readonly url: string;
  /** dynoxide itself, where no browser goes: for the host, which spares itself the way through its own front. */
  readonly directUrl: string;
  /** For services: the direct one where it stays the same over restarts. */
  readonly serviceUrl: string;
  readonly pid: number;
  /** The SQLite file. */
  readonly file: string;
  /** Resolves with a sentence when dynoxide ends without having been closed. */
  readonly crashed: Promise<string>;
  close(): Promise<void>;
}

export interface DynoxideOptions {
  /** 0 picks a free one. */
  readonly port: number;
  /** SQLite file; without one the data lives in a temporary file, which is removed when dynoxide ends. */
  readonly file?: string;
}

/** A port of a process that was just killed may still be held for a moment; one that is really taken stays taken. */
const takenPortPatience = 1000;
const portRetryPause = 50;
const stopPatience = 2000;

/**
 * Starts the DynamoDB emulator where browsers do not go, and a front on 127.0.0.1 that refuses web pages.
 * Throws StartRefused: no binary, port taken, file not usable.
 */
export async function startDynoxide(options: DynoxideOptions): Promise<Dynoxide> {
  const binary = findDynoxide();
  const front = await openFrontInTime(options.port);
  try {
    const addresses = backstageAddresses(front.port);
    await endOrphans({ file: options.file, host: hasOwnAddress ? addresses[0]?.host : undefined });
    const { ward, file, url: directUrl } = await startAtOneOf(addresses, binary, options.file);
    front.forwardTo(directUrl);
    return running(ward, front, directUrl, file);
  } catch (error) {
    await front.close();
    throw error;
  }
}

async function openFrontInTime(port: number): Promise<Front> {
  const deadline = Date.now() + takenPortPatience;
  for (;;) {
    try {
      return await openFront(port);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    }
    if (Date.now() > deadline) {
      throw new StartRefused(
        `Port ${port} for DynamoDB is taken by another process: stop that one, or set DYNAMODB_PORT to a free port (0 picks one).`,
      );
    }
    await sleep(portRetryPause);
  }
}

async function startAtOneOf(addresses: readonly Address[], binary: string, file: string | undefined) {
  for (const { host, port } of addresses) {
    const started = await tryStart(binary, { host, port }, file);
    if (started.ward !== undefined) return { ward: started.ward, file: started.file, url: `http://${host}:${port}` };
    if (!started.portTaken) throw new StartRefused(whyNotStarted(started.output, file));
  }
  const ports = addresses.map(({ port }) => port).join(", ");
  throw new StartRefused(
    `dynoxide needs a port to which no browser connects, and all are taken: close a shop, or a program that listens on one of ${ports}.`,
  );
}

function whyNotStarted(output: string, file: string | undefined): string {
  if (file === undefined || !/not a valid SQLite database|malformed/.test(output)) {
    return `dynoxide did not start: ${output}`;
  }
  return `The file ${file} is no database, or is damaged: delete its data with npm start -- --fresh, or choose another folder with --data.`;
}

async function tryStart(binary: string, { host, port }: Address, file: string | undefined) {
  const storage = file === undefined ? temporaryFile() : { file, remove: () => undefined };
  const args = ["--host", host, "--port", String(port), "--db-path", storage.file];
  const ward = await spawnWard(binary, args, { output: "pipe" });
  void ward.exited.then(storage.remove);
  const output = await firstWords(ward);
  if (output.includes("listening")) {
    await indexStreams(ward, storage.file);
    return { ward, file: storage.file };
  }
  await ward.exited;
  return { portTaken: output.includes("already in use"), output: output.replace(/^error: /, "").trim() };
}

/** dynoxide makes its schema before it listens, so the tables are there by now. */
async function indexStreams(ward: Ward, file: string): Promise<void> {
  try {
    addStreamIndexes(file);
  } catch (error) {
    ward.kill("SIGKILL");
    await ward.exited;
    throw new StartRefused(
      `The stream indexes of ${file} cannot be made (${reason(error)}): stop other programs that have the file open, and make it writable.`,
    );
  }
}

/** dynoxide says either that it listens or why not, and then is silent. */
async function firstWords(ward: Ward): Promise<string> {
  const stream = ward.shell.stdout;
  if (stream === null) throw new Error("dynoxide was started without a pipe for its output");
  stream.setEncoding("utf8");
  const words = await new Promise<string>((resolve) => {
    let text = "";
    stream.on("data", (chunk: string) => {
      text += chunk;
      if (text.includes("\n")) resolve(text);
    });
    stream.once("close", () => resolve(text));
  });
  return words;
}

function running(ward: Ward, front: Front, directUrl: string, file: string): Dynoxide {
  let closing = false;
  const url = `http://127.0.0.1:${front.port}`;
  return {
    url,
    directUrl,
    serviceUrl: hasOwnAddress ? directUrl : url,
    pid: ward.pid,
    file,
    crashed: new Promise((resolve) => {
      void ward.exited.then((code) => {
        if (!closing) resolve(`dynoxide (pid ${ward.pid}) ended with exit code ${code}`);
      });
    }),
    close: async () => {
      closing = true;
      ward.kill("SIGTERM");
      const lastResort = setTimeout(() => ward.kill("SIGKILL"), stopPatience);
      await ward.exited;
      clearTimeout(lastResort);
      // Last, because the port is what keeps another host from taking dynoxide for an orphan.
      await front.close();
    },
  };
}
