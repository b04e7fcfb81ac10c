import { useState } from "preact/hooks";
import type { BoardView } from "../board/board.ts";
import { useBoard } from "../board/use-board.ts";
import { ConnectionNotice } from "../shared/connection-notice.tsx";
import { StaffHeader } from "../shared/staff-header.tsx";
import { StaffSignIn } from "../shared/staff-sign-in.tsx";
import { texts } from "../shared/texts.ts";
import { useStaff } from "../shared/use-staff.ts";
import { ClaimsSection } from "./claims-section.tsx";
import { TicketList } from "./ticket-list.tsx";
import { useBell } from "./use-bell.ts";
import { useClaims } from "./use-claims.ts";

export function BarPage() {
  const { token: accessToken, explain } = useStaff();
  const [isSoundOn, setSoundOn] = useState(false);
  const board = useBoard(accessToken, isSoundOn);
  useBell(
    isSoundOn,
    board.waiting.map(({ order_id }) => order_id),
  );
  const claims = useClaims(accessToken);
  const refusal = board.refusal ?? claims.refusal;
  const myOrderIds = new Set(claims.held.map(({ orderId }) => orderId));
  return (
    <>
      <StaffHeader page="bar">
        <label class="switch">
          <input type="checkbox" checked={isSoundOn} onChange={(event) => setSoundOn(event.currentTarget.checked)} />
          {texts.bar.sound}
        </label>
      </StaffHeader>
      <main>
        <div class="title">
          <h1>{texts.bar.title}</h1>
          <p role="status" class="hint">
            {board.isComplete && texts.bar.summary(board.waiting.length, board.brewing.length)}
          </p>
        </div>
        <ConnectionNotice connection={board.connection} />
        {refusal && <StaffSignIn message={explain(refusal)} />}
        {!refusal && (
          <div class="columns">
            <ClaimsSection claims={claims} now={board.now} />
            <div class="queue" aria-busy={!board.isComplete}>
              <TicketList title={texts.bar.queue} tickets={board.waiting} now={board.now}>
                {board.isComplete && <p class="hint empty">{texts.bar.queueEmpty}</p>}
              </TicketList>
              <Others board={board} myOrderIds={myOrderIds} />
            </div>
          </div>
        )}
      </main>
    </>
  );
}

function Others({ board, myOrderIds }: { readonly board: BoardView; readonly myOrderIds: ReadonlySet<string> }) {
  const others = board.brewing.filter(({ order_id }) => !myOrderIds.has(order_id));
  return others.length === 0 ? null : <TicketList title={texts.bar.others} tickets={others} now={board.now} />;
}
