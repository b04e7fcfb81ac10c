import type { ArmedFault } from "./delivery-faults.ts";
import type { FaultsState, LocalFaults, RelayAction } from "./local-faults.ts";

/** A command from the supervisor to the embedded AWS, its child process. */
export type FaultCommand =
  | { readonly kind: "state" }
  | ({ readonly kind: "delivery" } & ArmedFault)
  | { readonly kind: "relays"; readonly action: RelayAction }
  | { readonly kind: "stall"; readonly ms: number };

/** `state` is the one after the command. */
export type FaultAnswer =
  | { readonly outcome: "done"; readonly state: FaultsState }
  /** This process did not start DynamoDB, so it cannot stall it. */
  | { readonly outcome: "not-ours" };

export function runFault(faults: LocalFaults, command: FaultCommand): FaultAnswer {
  if (command.kind === "delivery") {
    const { on, fault, delayMs } = command;
    faults.armDelivery({ on, fault, delayMs });
  }
  if (command.kind === "relays") faults.relays(command.action);
  if (command.kind === "stall" && !faults.stallDynamo(command.ms)) return { outcome: "not-ours" };
  return { outcome: "done", state: faults.state() };
}

/** A request over the channel between a process and its child, and the answer with the same number. */
export interface NumberedRequest {
  readonly request: number;
  readonly command: FaultCommand;
}

export interface NumberedAnswer {
  readonly answerTo: number;
  readonly answer: FaultAnswer;
}

/** Answers the commands of the process that has started this one. No other program can send any. */
export function answerFaultCommands(faults: LocalFaults): void {
  process.on("message", ({ request, command }: NumberedRequest) => {
    const answer: NumberedAnswer = { answerTo: request, answer: runFault(faults, command) };
    // A supervisor that has just gone needs no answer.
    process.send?.(answer, () => undefined);
  });
}
