import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { spawnWard, type Ward } from "../dies-with-parent.ts";
import { freePort } from "../free-port.ts";
import { reason } from "../log.ts";
import { StartRefused } from "../start-refused.ts";
import { findDynoxide } from "./find-dynoxide.ts";
import { addStreamIndexes } from "./stream-indexes.ts";

export interface Dynoxide {
  readonly url: string;
  readonly pid: number;
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

/** Starts the DynamoDB emulator on 127.0.0.1. Throws StartRefused: no binary, port taken, file not usable. */
export async function startDynoxide(options: DynoxideOptions): Promise<Dynoxide> {
  const binary = findDynoxide();
  const deadline = Date.now() + takenPortPatience;
  for (;;) {
    // dynoxide takes port 0 but does not say which port it got, so the free one is picked here.
    const port = options.port === 0 ? await freePort() : options.port;
    const started = await tryStart(binary, port, options.file);
    if ("pid" in started) return started;
    if (started.portTaken && Date.now() < deadline) {
      await sleep(portRetryPause);
      continue;
    }
    throw new StartRefused(
      started.portTaken
        ? `Port ${port} for DynamoDB is taken by another process: stop that one, or set DYNAMODB_PORT to a free port (0 picks one).`
        : `dynoxide did not start: ${started.output}`,
    );
  }
}

async function tryStart(binary: string, port: number, file: string | undefined) {
  const storage = file === undefined ? temporaryFile() : { file, remove: () => undefined };
  const args = ["--host", "127.0.0.1", "--port", String(port), "--db-path", storage.file];
  const ward = await spawnWard(binary, args, { output: "pipe" });
  void ward.exited.then(storage.remove);
  const output = await firstWords(ward);
  if (output.includes("listening")) {
    const dynoxide = running(ward, port);
    await indexStreams(dynoxide, storage.file);
    return dynoxide;
  }
  await ward.exited;
  return { portTaken: output.includes("already in use"), output: output.replace(/^error: /, "").trim() };
}

/** Data in dynoxide's own memory would be out of reach of the indexes. */
function temporaryFile() {
  const folder = mkdtempSync(join(tmpdir(), "doubleshot-dynamodb-"));
  return { file: join(folder, "dynamodb.db"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** dynoxide makes its schema before it listens, so the tables are there by now. */
async function indexStreams(dynoxide: Dynoxide, file: string): Promise<void> {
  try {
    addStreamIndexes(file);
  } catch (error) {
    await dynoxide.close();
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

function running(ward: Ward, port: number): Dynoxide {
  let closing = false;
  return {
    url: `http://127.0.0.1:${port}`,
    pid: ward.pid,
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
    },
  };
}
