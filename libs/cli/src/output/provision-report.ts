import { count } from "@doubleshot/operations";
import type { ProvisionReport } from "@doubleshot/topology";
import type { Terminal } from "./terminal.ts";

interface PrintedReport extends ProvisionReport {
  readonly shop: string;
  readonly where: string;
}

/** Prints how many parts were made, changed and there already, or all parts as JSON. */
export function printReport(terminal: Terminal, { shop, where, parts }: PrintedReport, json: boolean): void {
  if (json) {
    terminal.printJson({ shop, endpoint: where, parts });
    return;
  }
  const states = ["made", "changed", "there"] as const;
  const counts = states.map((state) => `${parts.filter((part) => part.state === state).length} ${state}`);
  terminal.print(`${count(parts.length, "part")} of ${shop} at ${where}: ${counts.join(", ")}.`);
}
