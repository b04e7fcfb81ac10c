import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Duplex } from "node:stream";

/**
 * A child process that cannot outlive this one, even when this one is killed with SIGKILL and runs no code any more.
 *
 * Node can neither leave that to the kernel nor clean up after SIGKILL, so a shell stands between: it starts the
 * command, reports its pid on descriptor 3, and reads from that descriptor. The kernel closes our end when we die, the
 * read ends, and the shell kills the child. When the child ends first, the shell ends with the child's exit code.
 *
 * The child gets a session of its own (`detached`), because Ctrl-C in a terminal signals the whole foreground group
 * and services still need their AWS while they drain.
 */
const guard = `
"$@" 3<&- & child=$!
echo "$child" >&3
(read -r _ <&3; kill -9 "$child") 4<&- 2>/dev/null & watch=$!
exec 4<&-
{ wait "$child"; code=$?; } 2>/dev/null
kill -9 "$watch" 2>/dev/null
exit "$code"`;

export interface GuardedProcess {
  /** The command's own pid, not the shell's. */
  readonly pid: number;
  /** The shell: `message` events and `send` reach the command with `ipc`. */
  readonly shell: ChildProcess;
  /** Resolves with the exit code (128 + n after signal n) once the command is gone. */
  readonly exited: Promise<number>;
  kill(signal: NodeJS.Signals): void;
}

export interface GuardedProcessOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly ipc?: boolean;
  /** `pipe` to read it from `shell.stderr`; `share` writes to ours. Standard output always goes where stderr goes. */
  readonly output: "pipe" | "share";
}

/** Starts `command` so that it dies with this process. Rejects when there is no `sh`. */
export async function spawnGuarded(
  command: string,
  args: readonly string[],
  options: GuardedProcessOptions,
): Promise<GuardedProcess> {
  const output = options.output === "pipe" ? "pipe" : 2;
  const shell = spawn("sh", ["-c", `exec 2>&1\n${guard}`, "sh", command, ...args], {
    env: options.env ?? process.env,
    detached: true,
    stdio: ["ignore", output, output, "pipe", options.ipc === true ? "ipc" : "ignore"],
  });
  const exited = new Promise<number>((resolve) => {
    shell.once("exit", (code) => resolve(code ?? 137));
    shell.once("error", () => resolve(127));
  });
  await once(shell, "spawn");
  const lifeline = shell.stdio[3];
  if (!(lifeline instanceof Duplex)) throw new Error("spawn gave no pipe on descriptor 3");
  lifeline.on("error", () => undefined);
  const [line] = await once(lifeline, "data");
  const pid = Number.parseInt(String(line), 10);
  void exited.then(() => lifeline.destroy());
  return {
    pid,
    shell,
    exited,
    kill: (signal) => {
      try {
        process.kill(pid, signal);
      } catch {
        // Already gone, as the caller wants.
      }
    },
  };
}
