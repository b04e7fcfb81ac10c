import { setTimeout as sleep } from "node:timers/promises";
import { type GuardedProcess, spawnGuarded } from "../guarded-process.ts";
import { reason } from "../log.ts";
import { StartRefusedError } from "../start-refused.ts";
import { type Address, directAddresses, hasOwnAddress } from "./direct-addresses.ts";
import { findDynoxide } from "./find-dynoxide.ts";
import { type Front, openFront } from "./front.ts";
import { endOrphans } from "./orphans.ts";
import { addStreamIndexes } from "./stream-indexes.ts";
import { temporaryFile } from "./temporary-file.ts";

export interface Dynoxide {
  /** For people, tools and tests: refuses web pages. */
  readonly url: string;
  /** dynoxide itself, on a port that browsers refuse: for the host, which needs no front. */
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
const takenPortTimeoutMs = 1000;
const portRetryMs = 50;
const stopTimeoutMs = 2000;

/**
 * Starts the DynamoDB emulator where browsers do not go, and a front on 127.0.0.1 that refuses web pages.
 * Throws StartRefusedError: no binary, port taken, file not usable.
 */
export async function startDynoxide(options: DynoxideOptions): Promise<Dynoxide> {
  const binary = findDynoxide();
  const front = await openFrontInTime(options.port);
  try {
    const addresses = directAddresses(front.port);
    await endOrphans({ file: options.file, host: hasOwnAddress ? addresses[0]?.host : undefined });
    const { guarded, file, url: directUrl } = await startAtOneOf(addresses, binary, options.file);
    front.forwardTo(directUrl);
    return running(guarded, front, directUrl, file);
  } catch (error) {
    await front.close();
    throw error;
  }
}

async function openFrontInTime(port: number): Promise<Front> {
  const deadline = Date.now() + takenPortTimeoutMs;
  for (;;) {
    try {
      return await openFront(port);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    }
    if (Date.now() > deadline) {
      throw new StartRefusedError(
        `Port ${port} for DynamoDB is taken by another process: stop that one, or set DYNAMODB_PORT to a free port (0 picks one).`,
      );
    }
    await sleep(portRetryMs);
  }
}

async function startAtOneOf(addresses: readonly Address[], binary: string, file: string | undefined) {
  for (const { host, port } of addresses) {
    const started = await tryStart(binary, { host, port }, file);
    if (started.guarded !== undefined)
      return { guarded: started.guarded, file: started.file, url: `http://${host}:${port}` };
    if (!started.portTaken) throw new StartRefusedError(whyNotStarted(started.output, file));
  }
  const ports = addresses.map(({ port }) => port).join(", ");
  throw new StartRefusedError(
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
  const guarded = await spawnGuarded(binary, args, { output: "pipe" });
  void guarded.exited.then(storage.remove);
  const output = await firstOutput(guarded);
  if (output.includes("listening")) {
    await indexStreams(guarded, storage.file);
    return { guarded, file: storage.file };
  }
  await guarded.exited;
  return { portTaken: output.includes("already in use"), output: output.replace(/^error: /, "").trim() };
}

/** dynoxide makes its schema before it listens, so the tables are there by now. */
async function indexStreams(guarded: GuardedProcess, file: string): Promise<void> {
  try {
    addStreamIndexes(file);
  } catch (error) {
    guarded.kill("SIGKILL");
    await guarded.exited;
    throw new StartRefusedError(
      `The stream indexes of ${file} cannot be made (${reason(error)}): stop other programs that have the file open, and make it writable.`,
    );
  }
}

/** dynoxide prints either that it listens or why not, and nothing after that. */
async function firstOutput(guarded: GuardedProcess): Promise<string> {
  const stream = guarded.shell.stdout;
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

function running(guarded: GuardedProcess, front: Front, directUrl: string, file: string): Dynoxide {
  let isClosing = false;
  const url = `http://127.0.0.1:${front.port}`;
  return {
    url,
    directUrl,
    serviceUrl: hasOwnAddress ? directUrl : url,
    pid: guarded.pid,
    file,
    crashed: new Promise((resolve) => {
      void guarded.exited.then((code) => {
        if (!isClosing) resolve(`dynoxide (pid ${guarded.pid}) ended with exit code ${code}`);
      });
    }),
    close: async () => {
      isClosing = true;
      guarded.kill("SIGTERM");
      const lastResort = setTimeout(() => guarded.kill("SIGKILL"), stopTimeoutMs);
      await guarded.exited;
      clearTimeout(lastResort);
      // Last, because the port is what keeps another host from taking dynoxide for an orphan.
      await front.close();
    },
  };
}
