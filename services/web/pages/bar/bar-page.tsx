import { useEffect, useRef } from "preact/hooks";
import type { BoardView } from "../board/board.ts";
import { useBoard } from "../board/use-board.ts";
import { ConnectionNotice } from "../shared/connection-notice.tsx";
import { texts } from "../shared/texts.ts";
import { ClaimCard } from "./claim-card.tsx";
import { TicketList } from "./ticket-list.tsx";
import { useBell } from "./use-bell.ts";
import { type ClaimsInHand, useClaims } from "./use-claims.ts";

export function BarPage() {
  const board = useBoard();
  const hands = useClaims();
  const isMine = new Set(hands.claims.map(({ orderId }) => orderId));
  return (
    <main>
      <Header board={board} />
      <ConnectionNotice connection={board.connection} />
      <div class="columns">
        <Hands hands={hands} now={board.now} />
        <div class="queue" aria-busy={!board.isComplete}>
          <TicketList title={texts.bar.queue} tickets={board.waiting} now={board.now}>
            <p class="hint">{board.isComplete ? texts.bar.queueEmpty : texts.connection.connecting}</p>
          </TicketList>
          <Others board={board} isMine={isMine} />
        </div>
      </div>
    </main>
  );
}

function Header({ board }: { readonly board: BoardView }) {
  const [isOn, setOn] = useBell(board.waiting.map(({ order_id }) => order_id));
  return (
    <header>
      <div>
        <p class="brand">{texts.shop}</p>
        <h1>{texts.bar.title}</h1>
        <p role="status" class="hint">
          {board.isComplete && texts.bar.summary(board.waiting.length, board.brewing.length)}
        </p>
      </div>
      <label class="switch">
        <input type="checkbox" checked={isOn} onChange={(event) => setOn(event.currentTarget.checked)} />
        {texts.bar.sound}
      </label>
    </header>
  );
}

function Others({ board, isMine }: { readonly board: BoardView; readonly isMine: ReadonlySet<string> }) {
  const others = board.brewing.filter(({ order_id }) => !isMine.has(order_id));
  return others.length === 0 ? null : <TicketList title={texts.bar.others} tickets={others} now={board.now} />;
}

function Hands({ hands, now }: { readonly hands: ClaimsInHand; readonly now: number }) {
  const { claims, said, busy, claim, finish, release } = hands;
  const next = useRef<HTMLButtonElement>(null);
  const held = useRef(claims.length);
  useEffect(() => {
    // The button that was pressed has gone with its order.
    if (claims.length < held.current) next.current?.focus();
    held.current = claims.length;
  }, [claims.length]);
  return (
    <section class="hands">
      <button
        ref={next}
        type="button"
        class="button main claim-next"
        aria-disabled={busy !== undefined}
        onClick={claim}
      >
        {busy === "claim" ? texts.bar.claiming : texts.bar.claim}
      </button>
      <p role="status" class="said">
        {said.text !== "" && <span class={said.failed ? "notice bad" : "notice good"}>{said.text}</span>}
      </p>
      <h2>{texts.bar.hands}</h2>
      {claims.length === 0 && <p class="hint">{texts.bar.handsEmpty}</p>}
      <ul>
        {claims.map((each) => (
          <ClaimCard
            key={each.orderId}
            claim={each}
            now={now}
            isBusy={busy !== undefined}
            onFinish={(note) => void finish(each, note)}
            onRelease={() => void release(each)}
          />
        ))}
      </ul>
    </section>
  );
}
