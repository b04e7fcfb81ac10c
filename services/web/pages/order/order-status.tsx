import { useEffect, useState } from "preact/hooks";
import { ConnectionNotice } from "../shared/connection-notice.tsx";
import type { Connection } from "../shared/events/event-stream.ts";
import { codeOf } from "../shared/order-words.ts";
import type { Failure } from "../shared/shop-api.ts";
import { texts } from "../shared/texts.ts";
import { CancelButton } from "./cancel-button.tsx";
import { notifyIfReady, wantsNotification } from "./notifications.ts";
import { NotifyButton } from "./notify-button.tsx";
import { followOrder, isFinal, type Order } from "./order-api.ts";
import { OrderDetails } from "./order-details.tsx";
import { StatusPicture } from "./status-picture.tsx";
import { useQueuePosition } from "./use-queue-position.ts";

interface OrderStatusProps {
  readonly id: string;
  readonly onLeave: () => void;
  readonly onChanged: (order: Order) => void;
  readonly onNotShown: (status: number) => void;
}

/** One order, live until it is final. */
export function OrderStatus({ id, onLeave, onChanged, onNotShown }: OrderStatusProps) {
  const [order, setOrder] = useState<Order>();
  const [refusal, setRefusal] = useState<Failure>();
  const [connection, setConnection] = useState<Connection>("connecting");
  const show = (changed: Order) => {
    setOrder(changed);
    onChanged(changed);
    notifyIfReady(changed).catch(() => undefined);
  };
  useEffect(() => {
    const leaving = new AbortController();
    const staysOpenHidden = () => wantsNotification(id);
    followOrder(id, { onOrder: show, onConnection: setConnection, staysOpenHidden, signal: leaving.signal })
      .then((refused) => {
        if (leaving.signal.aborted || refused === undefined) return;
        setRefusal(refused);
        onNotShown(refused.status);
      })
      .catch(() => undefined);
    return () => leaving.abort();
  }, [id]);

  const isOver = refusal !== undefined || (order !== undefined && isFinal(order));
  return (
    <section class="order-status" data-status={order?.status}>
      {!isOver && <ConnectionNotice connection={connection} />}
      <Heading id={id} order={order} refusal={refusal} />
      {order && <OrderDetails order={order} />}
      {order && !isOver && <NotifyButton id={id} />}
      {order && !isOver && <CancelButton order={order} onDecided={show} />}
      {isOver && (
        <button type="button" class="button main wide" onClick={onLeave}>
          {texts.status.another}
        </button>
      )}
    </section>
  );
}

interface HeadingProps {
  readonly id: string;
  readonly order: Order | undefined;
  readonly refusal: Failure | undefined;
}

/** Screen readers read the change; the title shows it in the list of tabs. */
function Heading({ id, order, refusal }: HeadingProps) {
  const position = useQueuePosition(id, order?.status === "PLACED");
  const { heading, hint } = headingOf(order, refusal);
  useEffect(() => {
    document.title = `${heading} · ${texts.shop}`;
  }, [heading]);
  return (
    <div role="status" aria-atomic="true" class="state">
      {order && <StatusPicture status={order.status} />}
      <h1>{heading}</h1>
      {order?.status === "COMPLETED" && <p class="call">{texts.status.call(codeOf(id), order.name)}</p>}
      {position && <p class="queue-position">{positionText(position)}</p>}
      {hint !== "" && <p class="hint">{hint}</p>}
    </div>
  );
}

function positionText({
  ahead,
  estimateSeconds,
}: {
  readonly ahead: number;
  readonly estimateSeconds?: number;
}): string {
  const estimate =
    estimateSeconds === undefined ? texts.status.noEstimate : texts.status.estimate(Math.round(estimateSeconds / 60));
  return `${texts.status.ahead(ahead)} ${estimate}`;
}

function headingOf(order: Order | undefined, refusal: Failure | undefined) {
  const { headings, hints, hidden, hiddenHint, loading, unknown, unknownHint } = texts.status;
  if (order !== undefined) return { heading: headings[order.status], hint: hints[order.status] };
  if (refusal === undefined) return { heading: loading, hint: "" };
  const isHidden = refusal.status === 401 || refusal.status === 403;
  return isHidden ? { heading: hidden, hint: hiddenHint } : { heading: unknown, hint: unknownHint };
}
