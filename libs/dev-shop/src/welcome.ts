import { relative } from "node:path";
import type { ShopDefinition, TourStep } from "@doubleshot/shop";
import pc from "picocolors";
import { defaultDataFolder, type StartCommand } from "./command-line.ts";
import type { Supervisor } from "./supervisor.ts";

/** Returns the text for the terminal once the shop is open: where everything listens, and the commands of the shop's tour. */
export function welcome(
  shop: ShopDefinition,
  supervisor: Supervisor,
  details: { command: Pick<StartCommand, "auth" | "data">; logFolder: string; openedAfterMs: number },
): string {
  const { inspector, endpoints } = supervisor;
  const { auth } = details.command;
  const row = (name: string, where: string) => `  ${name.padEnd(15)} ${where}`;
  const steps = auth ? withTokens(shop.tour, details.command) : shop.tour;
  const tour = steps.map(({ command, shows }) => `  ${pc.cyan(withUrls(command, supervisor))}\n      ${pc.dim(shows)}`);
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

/** The same tour for callers that need tokens: a command makes the token of each role before the first step that sends it. */
function withTokens(tour: readonly TourStep[], { data }: Pick<StartCommand, "data">): readonly TourStep[] {
  const folder = data === defaultDataFolder ? "" : ` --data ${data}`;
  const made = new Set<string>();
  return tour.flatMap((step): readonly TourStep[] => {
    const { role, command } = step;
    if (role === undefined) return [step];
    const variable = role.toUpperCase();
    const signedIn = { ...step, command: command.replace(/^curl/, `curl -H "Authorization: Bearer $${variable}"`) };
    if (made.has(role)) return [signedIn];
    made.add(role);
    const makeToken = `${variable}=$(npm run -s token -- --role ${role}${folder})`;
    return [{ command: makeToken, shows: `a token with the role ${role}, for the eight hours of a shift` }, signedIn];
  });
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
