import { fileURLToPath } from "node:url";
import { inOneSentence } from "@doubleshot/topology";
import { lookForDynoxide } from "./dynamodb/find-dynoxide.ts";
import { answerFaultCommands } from "./faults/fault-commands.ts";
import { startLocalAws } from "./local-aws.ts";
import type { LogEntry } from "./log.ts";
import { readSettings } from "./main-settings.ts";

// The embedded AWS as a process of its own. It prints its addresses in one JSON line on standard output, stops on
// SIGTERM, and ends at once when the process that started it over IPC is gone. When DynamoDB dies it ends too: memory
// would be lost anyway, durable data is on disk to the last acknowledged write, and the supervisor of this process
// starts both again.

const log = (entry: LogEntry) => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
};

function fail(error: unknown): never {
  const sentence = error instanceof Error && "exitSentence" in error ? error.message : undefined;
  process.stderr.write(`${sentence ?? (error instanceof Error ? error.stack : String(error))}\n`);
  process.exit(1);
}

const [argument] = process.argv.slice(2);
if (argument !== undefined) {
  const named = JSON.stringify(argument);
  process.stderr.write(
    `${named} is one argument too many: the settings are variables, see libs/local-aws/README.md.\n`,
  );
  process.exit(2);
}

process.on("disconnect", () => process.exit(1));
// Ctrl-C reaches every process of a terminal. Under a supervisor it is for the supervisor to close the shop in order.
if (process.connected) process.on("SIGINT", () => undefined);

try {
  const settings = readSettings(process.env, {
    hasDynoxide: () => lookForDynoxide() !== undefined,
    relay: fileURLToPath(new URL("../../../lambdas/outbox/src/handler.ts", import.meta.url)),
  });
  const aws = await inOneSentence(() => startLocalAws({ ...settings, log }));
  const close = async () => {
    await aws.close();
    process.exit(0);
  };
  process.once("SIGTERM", () => void close().catch(fail));
  if (!process.connected) process.once("SIGINT", () => void close().catch(fail));
  if (process.connected) answerFaultCommands(aws.faults);
  void aws.crashed.then((sentence) => fail(Object.assign(new Error(sentence), { exitSentence: true })));
  log({ level: "info", msg: "listening", endpoints: aws.endpoints, env: aws.env, pids: aws.pids });
} catch (error) {
  fail(error);
}
