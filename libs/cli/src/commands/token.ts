import { userInfo } from "node:os";
import { issueToken, maxLifetimeSeconds, signingKeyAt } from "@doubleshot/identity/issuing";
import { signingKeysOf } from "@doubleshot/operations";
import { type Role, roles } from "@doubleshot/shop";
import { type Command, exitCodes } from "../command.ts";
import { duration, noMore, parse, UsageError } from "../command-line.ts";

const options = {
  role: { type: "string", multiple: true },
  subject: { type: "string" },
  lifetime: { type: "string", default: "8h" },
} as const;

export const tokenCommand: Command = {
  summary: "an access token for a person or a program",
  help: `doubleshot token --role <role>... [--subject name] [--lifetime 8h] [--json]

  --role R        what the caller may do: ${roles.join(", ")}; several times for several
  --subject S     the caller, for logs: the name of this user if left out. For a customer: the account's id
  --lifetime T    until it expires, at most 24h: such as 15m or 8h. With the role display alone, at most 90d

Prints the token alone, so that a shell can take it: TOKEN=$(npm run -s token -- --role engineer). It is signed with a key
from the table of the signing keys, so the service that issues tokens need not run, and a user without access to that
table makes none. It ends with that key at the latest: a day after the next one signs.
`,
  prepare(args) {
    const { values, positionals } = parse("token", args, options);
    if (values.help) return "help";
    noMore("token", positionals);
    const asked = rolesFrom(values.role ?? []);
    const lifetimeSeconds = lifetimeFrom(values.lifetime, asked);
    const { json, subject = userInfo().username } = values;
    return async ({ shop, terminal }) => {
      const now = Date.now();
      const key = signingKeyAt(await signingKeysOf(shop).listOrCreate(now), now);
      if (key === undefined) throw new Error("The table of the signing keys has none, right after one was written.");
      const issuer = process.env.AUTH_ISSUER || shop.name;
      const claims = { subject, roles: asked, issuer, audience: shop.name, issuedAt: now, lifetimeSeconds };
      const token = await issueToken(key, claims);
      const expires_at = new Date(now + lifetimeSeconds * 1_000).toISOString();
      if (json) terminal.printJson({ access_token: token, token_type: "Bearer", subject, roles: asked, expires_at });
      else terminal.print(token);
      return exitCodes.fine;
    };
  },
};

function rolesFrom(names: readonly string[]): Role[] {
  const all: readonly string[] = roles;
  const unknown = names.find((name) => !all.includes(name));
  if (names.length > 0 && unknown === undefined) return [...new Set(names as Role[])];
  const fault = unknown === undefined ? "No --role is given" : `--role is ${JSON.stringify(unknown)}`;
  throw new UsageError(`${fault}: give one of ${roles.join(", ")}.`);
}

/** A screen in the shop has nobody to sign it in each day. Its role follows the board and does nothing else. */
const maxDisplayDays = 90;

function lifetimeFrom(text: string, asked: readonly Role[]): number {
  const isDisplay = asked.every((role) => role === "display");
  const max = isDisplay ? maxDisplayDays * 24 * 60 * 60 : maxLifetimeSeconds;
  const seconds = Math.floor(duration("lifetime", text) / 1_000);
  if (seconds >= 1 && seconds <= max) return seconds;
  const longest = isDisplay ? `${maxDisplayDays}d` : `${maxLifetimeSeconds / 3_600}h`;
  throw new UsageError(`--lifetime is ${JSON.stringify(text)}: give 1s to ${longest}.`);
}
