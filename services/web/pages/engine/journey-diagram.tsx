import { type Hop, hopsOf, type Journey } from "./journey.ts";

const width = 720;
const laneHeight = 76;
const left = 92;
const right = 64;

/**
 * The journey as lanes, one for each service: a line for each event, from its commit to its handling. Distances grow with the
 * logarithm of the time between two steps, because a message takes milliseconds and a brew takes minutes. The list below it
 * says the same in words.
 */
export function JourneyDiagram({
  journey,
  doubled,
}: {
  readonly journey: Journey;
  readonly doubled: ReadonlySet<string>;
}) {
  const hops = hopsOf(journey);
  const lanes = [...new Set(hops.flatMap(({ from, to }) => [from, to]))];
  if (lanes.length === 0) return null;
  const place = placesOf(journey.steps.map(({ offset_ms }) => offset_ms));
  const x = (offset: number) => left + (width - left - right) * (place.get(offset) ?? 0);
  const y = (lane: string) => laneHeight * (lanes.indexOf(lane) + 0.5);
  return (
    <div class="lanes-frame">
      <svg class="lanes" viewBox={`0 0 ${width} ${laneHeight * lanes.length}`} aria-hidden="true">
        {lanes.map((lane) => (
          <g key={lane}>
            <line class="lane" x1={left} x2={width - right} y1={y(lane)} y2={y(lane)} />
            <text class="lane-name" x={0} y={y(lane) + 5}>
              {lane}
            </text>
          </g>
        ))}
        {hops.map(({ event, type, from, to, committed, handled, receives }, index) => {
          const isRepeated = receives > 1 || doubled.has(event);
          const [x1, y1, x2, y2] = [x(committed), y(from), x(handled), y(to)];
          const bend = (x1 + x2) / 2;
          return (
            <g key={`${event} ${to}`} class={isRepeated ? "hop repeated" : "hop"}>
              <path d={`M${x1},${y1}C${bend},${y1} ${bend},${y2} ${x2},${y2}`} />
              {isRepeated && <path class="echo" d={`M${x1},${y1}C${bend},${y1 + 14} ${bend},${y2 + 14} ${x2},${y2}`} />}
              <circle cx={x1} cy={y1} r="5" />
              <circle class="end" cx={x2} cy={y2} r="6" />
              <text class="event-name" x={x2} y={y2 + nameOffset(hops, index, lanes)} text-anchor="middle">
                {type}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

/** Names stand outside: above the first lane, and below the others. Neighbours in a lane take turns at two heights. */
function nameOffset(hops: readonly Hop[], index: number, lanes: readonly string[]): number {
  const lane = hops[index]?.to;
  const isFar = hops.slice(0, index).filter(({ to }) => to === lane).length % 2 === 1;
  return lane === lanes[0] ? (isFar ? -27 : -13) : isFar ? 37 : 23;
}

/** A place from 0 to 1 for each offset. */
function placesOf(offsets: readonly number[]): Map<number, number> {
  const sorted = [...new Set(offsets)].sort((one, other) => one - other);
  let sum = 0;
  const sums = sorted.map((offset, index) => {
    sum += index === 0 ? 0 : Math.log1p(offset - (sorted[index - 1] ?? 0));
    return [offset, sum] as const;
  });
  return new Map(sums.map(([offset, each]) => [offset, sum === 0 ? 0 : each / sum]));
}
