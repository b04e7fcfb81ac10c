import { type SigningKey, stateAt } from "@doubleshot/identity/issuing";
import { OperatorError, signingKeysOf, span } from "@doubleshot/operations";
import pc from "picocolors";
import { type Command, type CommandContext, type ExitCode, exitCodes } from "../command.ts";
import { noMore, parse, takeOnly, UsageError } from "../command-line.ts";
import { table } from "../output/table.ts";

const optionsOf = new Map([
  ["list", []],
  ["rotate", ["at-once"]],
  ["revoke", ["yes"]],
]);

export const keysCommand: Command = {
  summary: "the keys that tokens are signed with: list, rotate, revoke",
  help: `doubleshot keys list                  the keys with their states
doubleshot keys rotate [--at-once]    add a key, and delete those that no token needs
doubleshot keys revoke <id> [--yes]   delete a key: its tokens are refused from the next load of the keys on

A new key is published at once and signs ten minutes later, when every service has loaded it; the one before stays
published for 24 hours more, until its last token has expired. So no caller notices a rotation, except a display, whose token may
be valid for longer: it needs a new one by then. Revoke a key whose private part somebody
may know: services load the keys every five minutes, and refuse its tokens then.

  --at-once   the new key signs from now on: services learn it with its first token
  --yes       do not ask
  --json      for machines
`,
  prepare(args) {
    const options = {
      "at-once": { type: "boolean", default: false },
      yes: { type: "boolean", short: "y", default: false },
    } as const;
    const { values, positionals, given } = parse("keys", args, options);
    if (values.help) return "help";
    const [verb = "", ...ids] = positionals;
    const own = optionsOf.get(verb);
    if (own === undefined) throw new UsageError("Name a subcommand: doubleshot keys list, rotate or revoke.");
    takeOnly(`keys ${verb}`, given, own);
    const { json, yes, "at-once": atOnce } = values;
    if (verb !== "revoke") noMore("keys", ids);
    if (verb === "list") return (run) => list(run, json);
    if (verb === "rotate") return (run) => rotate(run, { atOnce, json });
    const [id, ...more] = ids;
    if (id === undefined) throw new UsageError("Name the key to revoke: doubleshot keys list has their ids.");
    noMore("keys", more);
    return (run) => revoke(run, { id, yes, json });
  },
};

/** A key without its private part. */
function plain(key: SigningKey, keys: readonly SigningKey[], now: number) {
  return { id: key.id, state: stateAt(key, keys, now), signs_from: new Date(key.signsFrom).toISOString() };
}

async function list({ shop, terminal }: CommandContext, json: boolean): Promise<ExitCode> {
  const keys = await signingKeysOf(shop).list();
  const now = Date.now();
  const rows = keys.map((key) => plain(key, keys, now));
  if (json) terminal.printJson(rows);
  else if (rows.length === 0) terminal.print("There is no key yet: the first token makes one.");
  else
    terminal.print(
      table(
        ["key", "state", "signs from"],
        rows.map(({ id, state, signs_from }) => [pc.bold(id), state, signs_from]),
      ),
    );
  return exitCodes.fine;
}

async function rotate(
  { shop, terminal }: CommandContext,
  { atOnce, json }: { readonly atOnce: boolean; readonly json: boolean },
): Promise<ExitCode> {
  const now = Date.now();
  const { added, deleted } = await signingKeysOf(shop).rotate(now, { atOnce });
  if (json)
    terminal.printJson({ added: { id: added.id, signs_from: new Date(added.signsFrom).toISOString() }, deleted });
  else {
    const when = added.signsFrom <= now ? "signs from now on" : `signs in ${span(added.signsFrom - now)}`;
    terminal.print(
      [
        `${pc.green("added")}    ${added.id}: ${when}`,
        ...deleted.map((id) => `deleted  ${id}: its tokens have expired`),
        "displays need new tokens: those that the old key has signed end with it, a day after that",
      ].join("\n"),
    );
  }
  return exitCodes.fine;
}

async function revoke(
  { shop, terminal }: CommandContext,
  { id, yes, json }: { readonly id: string; readonly yes: boolean; readonly json: boolean },
): Promise<ExitCode> {
  const confirmed = yes || (await terminal.confirm(`Refuse all tokens that key ${id} has signed?`));
  if (confirmed === undefined) throw new UsageError("There is no terminal to confirm this: add --yes to revoke it.");
  if (!confirmed) throw new OperatorError("Nothing was revoked.");
  const outcome = await signingKeysOf(shop).revoke(id, Date.now());
  if (outcome === "unknown") throw new OperatorError(`There is no key ${id}: doubleshot keys list has them.`);
  if (json) terminal.printJson({ id, outcome });
  else terminal.print(`${pc.green("revoked")}  ${id}: services refuse its tokens within five minutes`);
  return exitCodes.fine;
}
