import { span } from "@doubleshot/operations";
import { describe, expect, test } from "vitest";
import { duration, instant, parse, takeDataFolder, UsageError } from "./command-line.ts";
import { auditCommand } from "./commands/audit.ts";
import { deadCommand } from "./commands/dead.ts";
import { parkedCommand } from "./commands/parked.ts";
import { replayCommand } from "./commands/replay.ts";
import { statusCommand } from "./commands/status.ts";
import { traceCommand } from "./commands/trace.ts";
import { table } from "./output/table.ts";

test("an order's id in upper case is the same order, in each argument", () => {
  const id = "01a1fc6f-67fa-72ac-a3ff-000000000001";
  const upper = id.toUpperCase();
  const args = ["show", upper, `order#${upper}`, "--aggregate", `order#${upper}`, `--drop=${upper}`];
  const options = { aggregate: { type: "string" }, drop: { type: "string" } } as const;
  const { positionals, values } = parse("dead", args, options);
  expect(positionals).toEqual(["show", id, `order#${id}`]);
  expect(values).toMatchObject({ aggregate: `order#${id}`, drop: id });
});

test("text that is no UUID keeps its case", () => {
  for (const text of [
    "ORDER#A1",
    "Order#01A1FC6F-67FA-72AC-A3FF-00000000000",
    "A01A1FC6F-67FA-72AC-A3FF-000000000001",
  ]) {
    expect(parse("dead", [text], {}).positionals).toEqual([text]);
  }
});

test("amounts of time", () => {
  expect(["500ms", "60s", "1.5m", "2h", "7d"].map((text) => duration("older-than", text))).toEqual([
    500, 60_000, 90_000, 7_200_000, 604_800_000,
  ]);
  for (const text of ["", "60", "s", "-1s", "1 s", "1w"])
    expect(() => duration("older-than", text)).toThrow(UsageError);
});

test("instants, and how long ago they were", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  expect(instant("from", "2h", now)).toBe(Date.parse("2026-11-21T10:00:00Z"));
  expect(instant("from", "2026-11-21T08:30:00Z", now)).toBe(Date.parse("2026-11-21T08:30:00Z"));
  expect(instant("from", "2026-11-21T08:30:00+01:00", now)).toBe(Date.parse("2026-11-21T07:30:00Z"));
  expect(instant("from", "2026-11-21", now)).toBe(Date.parse("2026-11-21T00:00:00Z"));
  // Without a zone it would be another instant on another machine.
  for (const text of ["2026-11-21T08:30:00", "yesterday", "21.11.2026"]) {
    expect(() => instant("from", text, now)).toThrow(UsageError);
  }
});

describe("a wrong argument is refused before any connection, in one sentence", () => {
  test.each([
    [auditCommand, ["--older-then", "1s"]],
    [auditCommand, ["orders"]],
    [parkedCommand, []],
    [parkedCommand, ["retry"]],
    [parkedCommand, ["retry", "order#1", "--all"]],
    [parkedCommand, ["show"]],
    [parkedCommand, ["drop", "order#1", "--version", "0"]],
    [parkedCommand, ["drop", "order#1", "order#2"]],
    [deadCommand, ["redrive", "order#1"]],
    [deadCommand, ["show"]],
    [deadCommand, ["redrive", "--rate", "fast"]],
    [replayCommand, []],
    [replayCommand, ["--from", "1h", "--to", "2h"]],
    [traceCommand, []],
    [statusCommand, ["--rows"]],
    [statusCommand, ["--rows="]],
    [statusCommand, ["--rows", "1e3"]],
    [statusCommand, ["--json=yes"]],
    [statusCommand, ["--", "orders"]],
    [auditCommand, ["--older-than", "-1s"]],
    [auditCommand, ["--older-than", "999999999d"]],
    [parkedCommand, ["show", ""]],
    [parkedCommand, ["retry", ""]],
    [parkedCommand, ["drop", " "]],
    [parkedCommand, ["LIST"]],
    [parkedCommand, ["show", "é".repeat(513)]],
    [deadCommand, ["show", ""]],
    [deadCommand, ["redrive", "--aggregate", ""]],
    [deadCommand, ["redrive", "--subscriber", ""]],
    [deadCommand, ["redrive", "--drop", ""]],
    [replayCommand, ["--from", "1h", "--queue", ""]],
    [replayCommand, ["--from", "1h", "--aggregate="]],
    [replayCommand, ["--from", "999999999d"]],
    [replayCommand, ["--from", "2026-02-31"]],
    [replayCommand, ["--from", "2026-13-01T08:30:00Z"]],
    [traceCommand, [""]],
    [traceCommand, ["a", "b"]],
    [traceCommand, ["a".repeat(1_025)]],
  ] as const)("%#", (command, args) => {
    expect(() => command.prepare(args)).toThrow(UsageError);
    // Without the m flag, $ is the end of the text.
    expect(() => command.prepare(args)).toThrow(/^[^\n]+[.]$/);
  });
});

test.each([
  [parkedCommand, ["list", "--all"], "doubleshot parked list takes no --all: its options are --json, --help."],
  [
    parkedCommand,
    ["drop", "order#1", "--rate", "5"],
    "doubleshot parked drop takes no --rate: its options are --version, --yes, --json, --help.",
  ],
  [
    parkedCommand,
    ["retry", "order#1", "-y"],
    "doubleshot parked retry takes no --yes: its options are --all, --rate, --json, --help.",
  ],
  [
    deadCommand,
    ["list", "--drop", "x"],
    "doubleshot dead list takes no --drop: its options are --subscriber, --json, --help.",
  ],
  [
    deadCommand,
    ["show", "x", "--undelivered"],
    "doubleshot dead show takes no --undelivered: its options are --subscriber, --json, --help.",
  ],
  [
    auditCommand,
    ["--older-then", "1s"],
    "Unknown option '--older-then': the options of doubleshot audit are --json, --help, --older-than.",
  ],
] as const)(
  "an option that a command does not know is refused, with those that it knows: %#",
  (command, args, sentence) => {
    expect(() => command.prepare(args)).toThrow(new UsageError(sentence));
  },
);

test.each([
  [parkedCommand, ["list", "--json"]],
  [parkedCommand, ["retry", "--all", "--rate", "5"]],
  [parkedCommand, ["drop", "order#1", "--version", "2", "-y"]],
  [deadCommand, ["list", "--subscriber", "barista"]],
  [deadCommand, ["show", "order#1", "--subscriber", "barista"]],
  [
    deadCommand,
    [
      "redrive",
      "--subscriber",
      "barista",
      "--drop",
      "x",
      "--aggregate",
      "order#1",
      "--undelivered",
      "--patience",
      "1s",
    ],
  ],
] as const)("an option of the subcommand is taken: %#", (command, args) => {
  expect(command.prepare(args)).toBeTypeOf("function");
});

test("--data is taken out of the arguments, wherever it stands", () => {
  expect(takeDataFolder(["status", "--json"])).toEqual({ rest: ["status", "--json"] });
  const status = { data: "a folder", rest: ["status", "--rows", "20"] };
  expect(takeDataFolder(["--data", "a folder", "status", "--rows", "20"])).toEqual(status);
  expect(takeDataFolder(["status", "--rows", "20", "--data=a folder"])).toEqual(status);
  expect(takeDataFolder(["status", "--data", "x", "--rows", "20", "--data", "a folder"])).toEqual(status);
  expect(takeDataFolder(["trace", "--", "--data"])).toEqual({ rest: ["trace", "--", "--data"] });
  for (const args of [
    ["status", "--data"],
    ["status", "--data="],
  ]) {
    expect(() => takeDataFolder(args)).toThrow(/^--data names no folder: [^\n]+[.]$/);
  }
});

test("spans are as exact as anybody needs", () => {
  const spans = [0, 999, 1_000, 61_000, 3_600_000, 3_725_000, 90_000_000].map(span);
  expect(spans).toEqual(["0 ms", "999 ms", "1 s", "1 m 1 s", "1 h", "1 h 2 m", "1 d 1 h"]);
});

test("tables stand in columns, numbers to the right", () => {
  expect(
    table(
      ["name", "#rows"],
      [
        ["a", "1"],
        ["longer", "200"],
      ],
    ),
  ).toBe("name    rows\na          1\nlonger   200");
});
