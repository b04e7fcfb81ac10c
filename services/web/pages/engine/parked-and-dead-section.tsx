import { engineTexts } from "../shared/engine-texts.ts";
import { timeOf } from "../shared/order-words.ts";
import { ConfirmButton } from "./confirm-button.tsx";
import { act, type DeadLetter, type ParkedAggregate, redrive } from "./parked-and-dead.ts";
import { SectionHeading } from "./section-heading.tsx";
import { type ParkedAndDeadView, useParkedAndDead } from "./use-parked-and-dead.ts";

const words = engineTexts.parkedAndDead;

/** Parked and dead messages, with an operator's actions. `count` is the number that the pipeline has counted. */
export function ParkedAndDeadSection({ count }: { readonly count: number }) {
  const view = useParkedAndDead(count);
  const { lists, message, isBusy, refresh } = view;
  const isEmpty = lists !== undefined && lists.parked.length + lists.total === 0;
  return (
    <section aria-labelledby="parked-and-dead">
      <SectionHeading id="parked-and-dead" title={words.title} hint={words.hint} />
      <div role="status">
        {message.text !== "" && <p class={message.failed ? "notice bad" : "notice good"}>{message.text}</p>}
      </div>
      {((lists === undefined && count === 0) || isEmpty) && <p class="hint empty">{words.none}</p>}
      <ul class="parked-and-dead">
        {lists?.parked.map((parked) => (
          <ParkedItem key={`${parked.outbox} ${parked.aggregate}`} parked={parked} view={view} />
        ))}
        {lists?.letters.map((letter) => (
          <LetterItem key={`${letter.subscriber} ${letter.from} ${letter.id}`} letter={letter} view={view} />
        ))}
      </ul>
      {lists?.more.map(({ subscriber, from, count: unread }) => (
        <p key={`${subscriber} ${from}`} class="hint">
          {words.more(unread, subscriber)}
        </p>
      ))}
      <button type="button" class="button small" aria-disabled={isBusy} onClick={() => !isBusy && void refresh()}>
        {isBusy ? words.reading : words.read}
      </button>
    </section>
  );
}

function ParkedItem({ parked, view }: { readonly parked: ParkedAggregate; readonly view: ParkedAndDeadView }) {
  const { aggregate, rows, row_count, since } = parked;
  const [first] = rows;
  const run = (path: "parked/retry" | "parked/drop", body: object) =>
    void view.run(
      () => act(path, body),
      ({ outcome, reason }) => words.outcome(aggregate, outcome, reason),
    );
  return (
    <li class="card parked-or-dead">
      <h3 class="name">{words.parked(aggregate, row_count)}</h3>
      <p class="hint">{since === null ? words.left : words.parkedSince(timeOf(since, true))}</p>
      {first && <p class="notice bad">{first.reason}</p>}
      <details>
        <summary>{words.show}</summary>
        {rows.map(({ version, events }) => (
          <div key={version}>
            <p class="hint">{words.version(version)}</p>
            {events.map(({ id, type, json }) => (
              <pre key={id}>{`${type} ${id}\n${pretty(json)}`}</pre>
            ))}
          </div>
        ))}
      </details>
      <div class="actions">
        <ConfirmButton
          question={words.retryQuestion(aggregate)}
          isBusy={view.isBusy}
          onConfirm={() => run("parked/retry", { aggregate })}
        >
          {words.retry}
        </ConfirmButton>
        {first && (
          <ConfirmButton
            question={words.dropQuestion(aggregate, first.version)}
            isBusy={view.isBusy}
            onConfirm={() => run("parked/drop", { aggregate, version: first.version })}
          >
            {words.drop}
          </ConfirmButton>
        )}
      </div>
    </li>
  );
}

function LetterItem({ letter, view }: { readonly letter: DeadLetter; readonly view: ParkedAndDeadView }) {
  const { subscriber, from, aggregate, id, type, error, attempts, dead_at, body } = letter;
  const run = (drop: readonly string[]) =>
    void view.run(
      () => redrive({ subscriber, from, aggregate, ...(drop.length > 0 && { drop }) }),
      ({ results }) => results.map((result) => words.redriven(result)).join(" ") || words.nothingRedriven,
    );
  return (
    <li class="card parked-or-dead">
      <h3 class="name">{words.dead(type || words.unreadable, subscriber)}</h3>
      <p class="hint name">{words.deadSince(aggregate, timeOf(dead_at, true), attempts)}</p>
      <p class="notice bad">{from === "undelivered" ? words.undelivered : error}</p>
      <details>
        <summary>{words.show}</summary>
        <pre>{pretty(body)}</pre>
      </details>
      <div class="actions">
        <ConfirmButton question={words.redriveQuestion(aggregate)} isBusy={view.isBusy} onConfirm={() => run([])}>
          {words.redrive}
        </ConfirmButton>
        <ConfirmButton
          question={words.dropLetterQuestion(type, aggregate)}
          isBusy={view.isBusy}
          onConfirm={() => run([id])}
        >
          {words.drop}
        </ConfirmButton>
      </div>
    </li>
  );
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2);
  } catch {
    return json;
  }
}
