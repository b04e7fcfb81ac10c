import type { Command } from "./command.ts";
import { auditCommand } from "./commands/audit.ts";
import { deadCommand } from "./commands/dead.ts";
import { deployRelayCommand } from "./commands/deploy-relay.ts";
import { keysCommand } from "./commands/keys.ts";
import { parkedCommand } from "./commands/parked.ts";
import { provisionCommand } from "./commands/provision.ts";
import { replayCommand } from "./commands/replay.ts";
import { statusCommand } from "./commands/status.ts";
import { tokenCommand } from "./commands/token.ts";
import { traceCommand } from "./commands/trace.ts";

/** The verbs, in the order in which help lists them. */
export const commands: Readonly<Record<string, Command>> = {
  status: statusCommand,
  audit: auditCommand,
  parked: parkedCommand,
  dead: deadCommand,
  replay: replayCommand,
  trace: traceCommand,
  token: tokenCommand,
  keys: keysCommand,
  provision: provisionCommand,
  "deploy-relay": deployRelayCommand,
};
