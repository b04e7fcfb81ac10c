import { relative } from "node:path";
import type { Shop } from "@doubleshot/shop";
import pc from "picocolors";
import type { Supervisor } from "./supervisor.ts";

/** Returns the text for the terminal once the shop is open: where everything listens, and the commands of the shop's tour. */
export function welcome(
  shop: Shop,
  supervisor: Supervisor,
  details: { logFolder: string; openedAfterMs: number },
): string {
  const { inspector, endpoints } = supervisor;
  const row = (name: string, where: string) => `  ${name.padEnd(15)} ${where}`;
  const tour = shop.tour.map(
    ({ command, shows }) => `  ${pc.cyan(withUrls(command, supervisor))}\n      ${pc.dim(shows)}`,
  );
  return [
    "",
    `${pc.bold("Doubleshot is open")} after ${(details.openedAfterMs / 1000).toFixed(1)} s.`,
    "",
    ...supervisor.serviceProcesses.map(({ name, url }) => row(name, url)),
    ...(inspector === undefined ? [] : [row("dynamodb-admin", inspector)]),
    row("embedded AWS", `DynamoDB ${endpoints.dynamodb}, SNS and SQS ${endpoints.sqs}`),
    row("logs", shorter(details.logFolder)),
    "",
    ...(tour.length === 0 ? [] : ["Try it, with two terminals:", "", ...tour, ""]),
    pc.dim("Ctrl-C closes the shop; npm start opens it where it was."),
    "",
  ].join("\n");
}

function withUrls(command: string, { services }: Supervisor): string {
  return command.replace(/\{([\w-]+)\}/g, (placeholder, name) => {
    const url = services.get(name)?.[0]?.url;
    return url?.replace("127.0.0.1", "localhost") ?? placeholder;
  });
}

function shorter(folder: string): string {
  const fromHere = relative(process.cwd(), folder);
  return fromHere.startsWith("..") ? folder : fromHere;
}
