import { isDeepStrictEqual } from "node:util";
import type { Item } from "../../src/testing/dynamodb/attribute-values.ts";
import { wrongCauses } from "./causes.ts";
import type { Harness } from "./harness.ts";
import { isLate, isMarkerIndex } from "./observations.ts";
import { aggregates, harmless } from "./scenario.ts";
import { subscribers, tables } from "./tables.ts";

/** Compares the observations of a scenario with the library's guarantees. Returns the broken ones as sentences. */
export function findings(harness: Harness): string[] {
  const found = [
    ...harness.brokenPolls,
    ...harness.leftBehind,
    ...wrongCauses(harness.observations.events),
    ...checkHandlers(harness),
    ...checkProducers(harness),
    ...checkParkedAndBlocked(harness),
    ...checkMarkers(harness),
  ];
  for (let aggregate = 0; aggregate < aggregates; aggregate++) {
    const note = `note#${aggregate}`;
    const committed = harness.observations.textsOf(note);
    found.push(
      ...compareLines(`the page of ${note}`, linesOf(harness, tables.pages, note), committed, isLate),
      ...compareLines(`the copy of ${note}`, linesOf(harness, tables.copies, note), committed, isLate),
      ...compareLines(
        `the copy of page#${note}`,
        linesOf(harness, tables.copies, `page#${note}`),
        harness.observations.textsOf(`page#${note}`),
      ),
      ...checkState(harness, aggregate),
    );
  }
  return found;
}

/** No handler runs without a reason, and no message is hidden longer than it is in flight. */
function checkHandlers({ aws, runs, hiddenMessages }: Harness): string[] {
  const happened = [...aws.faults.counts.keys()];
  const wasLate = happened.includes("request-late") || happened.includes("bare-500") || happened.includes("call-hung");
  return [...runs.findings(happened.every((kind) => harmless.has(kind))), ...hiddenMessages.findings(wasLate)];
}

/** State and events commit together: each line with events has them once, in the order of the lines. */
function checkState(harness: Harness, aggregate: number): string[] {
  const noisy = new Map(
    harness.planned
      .flat()
      .map(({ text, action }) => [
        text,
        action === "note-several" ? ["a", "b", "c"] : action === "save-silently" ? [] : [""],
      ]),
  );
  const notes = linesOf(harness, tables.notes, String(aggregate)).flatMap((text) =>
    (noisy.get(text) ?? []).map((part) => `${text}${part}`),
  );
  const committed = harness.observations.textsOf(`note#${aggregate}`).filter((text) => !isLate(text));
  return compareLines(`the events of note#${aggregate}`, committed, notes);
}

/** Only a refused event is parked, and only a failed message is dead-lettered, never because of an outage. */
function* checkParkedAndBlocked({ observations, aws, failedGroups }: Harness): Generator<string> {
  for (const aggregate of observations.parked) {
    if (!aws.sns.refusedGroups.has(aggregate)) yield `${aggregate} was parked, and nothing of it had been refused`;
  }
  for (const marker of observations.blocked) {
    if (!failedGroups.has(marker)) yield `${marker} was written, and its handler had not failed`;
  }
}

/** The index counts each marker, and nothing else. */
function* checkMarkers({ aws }: Harness): Generator<string> {
  const parked = aws.dynamodb.table(tables.parked).sorted();
  yield* miscounted("parked aggregates", parked, ({ version }) => version?.N === "0");
  const inbox = aws.dynamodb.table(tables.inbox).sorted();
  for (const subscriber of subscribers) {
    const blocked = inbox.filter(({ message }) => message?.S?.startsWith(`${subscriber}#blocked#`));
    yield* miscounted(`blocked groups of the ${subscriber}`, blocked, () => true);
  }
}

function* miscounted(what: string, items: readonly Item[], isMarker: (item: Item) => boolean): Generator<string> {
  const markers = items.filter((item) => !isMarkerIndex(item) && isMarker(item)).length;
  const { names, count: others } = items.find(isMarkerIndex) ?? {};
  const count = (names?.SS?.length ?? 0) + Number(others?.N ?? 0);
  if (count !== markers) yield `the index of the ${what} counts ${count}, and should count ${markers}`;
}

/** The outcomes that the producers know are true. */
function* checkProducers(harness: Harness): Generator<string> {
  const written = Array.from({ length: aggregates }, (_, aggregate) =>
    linesOf(harness, tables.notes, String(aggregate)),
  ).flat();
  for (const { text, reported, action } of harness.planned.flat()) {
    if (action === "count") continue;
    const times = written.filter((line) => line === text).length;
    if (times > 1) yield `${text} was committed ${times} times`;
    if (reported === "committed" && times === 0) yield `${text} was reported as committed, and is not there`;
    if ((reported === "refused" || reported === "failed") && times > 0) {
      yield `${text} was reported as ${reported}, and is there`;
    }
  }
  yield* checkCounters(harness);
}

/** Only the idempotency token identifies the update of a counter, so there is no guarantee where tokens are forgotten. */
function* checkCounters(harness: Harness): Generator<string> {
  if (harness.aws.faults.counts.has("idempotency-token-forgotten")) return;
  const counters = harness.planned.flat().filter(({ action }) => action === "count");
  for (let on = 0; on < aggregates; on++) {
    const reported = counters.filter((count) => count.on === on).map(({ reported }) => reported);
    const min = reported.filter((each) => each === "committed").length;
    const max = reported.filter((each) => each === "committed" || each === "unknown" || each === "not-reported").length;
    const number = Number(itemOf(harness, tables.counters, String(on))?.number?.N ?? 0);
    if (number < min || number > max) yield `counter ${on} is ${number}, and should be from ${min} to ${max}`;
  }
}

/** @param isFree whether a line may be anywhere among the others. */
function compareLines(
  what: string,
  found: readonly string[],
  expected: readonly string[],
  isFree: (line: string) => boolean = () => false,
): string[] {
  const fault = differenceOf(found, expected, isFree);
  return fault === undefined ? [] : [`${what} ${fault}: [${found.join(" ")}], and should be [${expected.join(" ")}]`];
}

function differenceOf(
  found: readonly string[],
  expected: readonly string[],
  isFree: (line: string) => boolean,
): string | undefined {
  if (found.some((line) => !expected.includes(line))) return "has lines that are nobody's";
  if (new Set(found).size < found.length) return "has lines twice";
  if (found.length < expected.length) return "lacks lines";
  const [inOrder, order] = [found, expected].map((lines) => lines.filter((line) => !isFree(line)));
  return isDeepStrictEqual(inOrder, order) ? undefined : "is out of order";
}

function linesOf(harness: Harness, table: string, id: string): string[] {
  return (itemOf(harness, table, id)?.lines?.L ?? []).map(({ S = "" }) => S);
}

function itemOf(harness: Harness, table: string, id: string): Item | undefined {
  return harness.aws.dynamodb.table(table).get({ id: { S: id } });
}
