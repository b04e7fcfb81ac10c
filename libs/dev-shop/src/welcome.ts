import { relative } from "node:path";
import pc from "picocolors";
import type { Supervisor } from "./supervisor.ts";

/** What the terminal shows once the shop is open: where everything is, and the three commands that show what it does. */
export function welcome(supervisor: Supervisor, details: { logFolder: string; openedAfter: number }): string {
  const { orders, barista, inspector, endpoints } = supervisor;
  const [counter = "", bar = ""] = [orders[0]?.url, barista[0]?.url].map((url) =>
    url?.replace("127.0.0.1", "localhost"),
  );
  const row = (name: string, where: string) => `  ${name.padEnd(15)} ${where}`;
  const command = (text: string, meaning: string) => `  ${pc.cyan(text)}\n      ${pc.dim(meaning)}`;
  return [
    "",
    `${pc.bold("Doubleshot is open")} after ${(details.openedAfter / 1000).toFixed(1)} s.`,
    "",
    ...orders.map((process) => row(process.name, process.url)),
    ...barista.map((process) => row(process.name, process.url)),
    ...(inspector === undefined ? [] : [row("dynamodb-admin", inspector)]),
    row("embedded AWS", `DynamoDB ${endpoints.dynamodb}, SNS and SQS ${endpoints.sqs}`),
    row("logs", shorter(details.logFolder)),
    "",
    "Try it, with two terminals:",
    "",
    command(`curl -X POST ${counter}/order/`, "waits: this is the customer at the counter, and there is no coffee yet"),
    command(`curl ${bar}/start/`, "a barista takes the order and learns its order_id"),
    command(`curl -X POST '${bar}/finish/?order_id=...'`, "the coffee is done: now the first curl has its 200"),
    "",
    pc.dim("Ctrl-C closes the shop; npm start opens it where it was."),
    "",
  ].join("\n");
}

function shorter(folder: string): string {
  const fromHere = relative(process.cwd(), folder);
  return fromHere.startsWith("..") ? folder : fromHere;
}
