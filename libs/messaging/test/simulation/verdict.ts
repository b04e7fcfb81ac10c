import { isDeepStrictEqual } from "node:util";
import type { Item } from "../../src/testing/dynamodb/attribute-values.ts";
import { wrongCauses } from "./causes.ts";
import { aggregates, harmless } from "./program.ts";
import { isLate, isMarkerIndex, subscribers, tables } from "./truth.ts";
import type { World } from "./world.ts";

/** What a history broke of what the library promises, in words; nothing when it kept it all. */
export function findings(world: World): string[] {
  const found = [
    ...world.brokenPolls,
    ...world.leftBehind,
    ...wrongCauses(world.truth.events),
    ...aboutHandlers(world),
    ...aboutProducers(world),
    ...aboutStandingAside(world),
    ...aboutMarkers(world),
  ];
  for (let aggregate = 0; aggregate < aggregates; aggregate++) {
    const note = `note#${aggregate}`;
    const committed = world.truth.textsOf(note);
    found.push(
      ...compared(`the page of ${note}`, linesOf(world, tables.pages, note), committed, isLate),
      ...compared(`the copy of ${note}`, linesOf(world, tables.copies, note), committed, isLate),
      ...compared(
        `the copy of page#${note}`,
        linesOf(world, tables.copies, `page#${note}`),
        world.truth.textsOf(`page#${note}`),
      ),
      ...aboutState(world, aggregate),
    );
  }
  return found;
}

/** No handler runs without a reason, and no message is hidden for longer than it is in hand. */
function aboutHandlers({ aws, runs, hiding }: World): string[] {
  const happened = [...aws.faults.counts.keys()];
  const wasLate = happened.includes("request late") || happened.includes("bare 500") || happened.includes("call hung");
  return [...runs.findings(happened.every((kind) => harmless.has(kind))), ...hiding.findings(wasLate)];
}

/** State and news commit together: each line that has news has it once, and in the order of the lines. */
function aboutState(world: World, aggregate: number): string[] {
  const noisy = new Map(
    world.intentions
      .flat()
      .map(({ text, does }) => [
        text,
        does === "note several" ? ["a", "b", "c"] : does === "save silently" ? [] : [""],
      ]),
  );
  const news = linesOf(world, tables.notes, String(aggregate)).flatMap((text) =>
    (noisy.get(text) ?? []).map((part) => `${text}${part}`),
  );
  const committed = world.truth.textsOf(`note#${aggregate}`).filter((text) => !isLate(text));
  return compared(`the news of note#${aggregate}`, committed, news);
}

/** Only what the topic refuses is parked, and only what its handler cannot stand is given up; never for an outage. */
function* aboutStandingAside({ truth, aws, failedGroups }: World): Generator<string> {
  for (const aggregate of truth.parked) {
    if (!aws.sns.refusedGroups.has(aggregate)) yield `${aggregate} was parked, and nothing of it had been refused`;
  }
  for (const marker of truth.blocked) {
    if (!failedGroups.has(marker)) yield `${marker} was written, and its handler had not failed`;
  }
}

/** Each marker is counted, and nothing else is. */
function* aboutMarkers({ aws }: World): Generator<string> {
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

/** What a producer was told is so. */
function* aboutProducers(world: World): Generator<string> {
  const written = Array.from({ length: aggregates }, (_, aggregate) =>
    linesOf(world, tables.notes, String(aggregate)),
  ).flat();
  for (const { text, told, does } of world.intentions.flat()) {
    if (does === "tally") continue;
    const times = written.filter((line) => line === text).length;
    if (times > 1) yield `${text} was committed ${times} times`;
    if (told === "committed" && times === 0) yield `${text} was said to be committed and is not there`;
    if ((told === "refused" || told === "failed") && times > 0) yield `${text} was said to be ${told} and is there`;
  }
  yield* aboutTallies(world);
}

/** Counters have nothing to be known by but the idempotency token, so where tokens are forgotten nothing is promised. */
function* aboutTallies(world: World): Generator<string> {
  if (world.aws.faults.counts.has("idempotency token forgotten")) return;
  const tallies = world.intentions.flat().filter(({ does }) => does === "tally");
  for (let on = 0; on < aggregates; on++) {
    const told = tallies.filter((tally) => tally.on === on).map(({ told }) => told);
    const least = told.filter((each) => each === "committed").length;
    const most = told.filter((each) => each === "committed" || each === "unknown" || each === "never told").length;
    const number = Number(itemOf(world, tables.tallies, String(on))?.number?.N ?? 0);
    if (number < least || number > most) yield `tally ${on} is ${number}, and should be from ${least} to ${most}`;
  }
}

/** @param isFree which lines have no place of their own among the others. */
function compared(
  what: string,
  found: readonly string[],
  expected: readonly string[],
  isFree: (line: string) => boolean = () => false,
): string[] {
  const fault = faultOf(found, expected, isFree);
  return fault === undefined ? [] : [`${what} ${fault}: [${found.join(" ")}], and should be [${expected.join(" ")}]`];
}

function faultOf(
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

function linesOf(world: World, table: string, id: string): string[] {
  return (itemOf(world, table, id)?.lines?.L ?? []).map(({ S = "" }) => S);
}

function itemOf(world: World, table: string, id: string): Item | undefined {
  return world.aws.dynamodb.table(table).get({ id: { S: id } });
}
