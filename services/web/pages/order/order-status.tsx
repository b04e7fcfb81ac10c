import { useEffect, useRef, useState } from "preact/hooks";
import { ConnectionNotice } from "../shared/connection-notice.tsx";
import type { Connection } from "../shared/event-stream.ts";
import { codeOf, itemsText, timeOf } from "../shared/order-words.ts";
import { texts } from "../shared/texts.ts";
import { cancelOrder, followOrder, isFinal, noteOf, type Order } from "./order.ts";
import { rememberOrder } from "./order-memory.ts";

interface OrderStatusProps {
  readonly id: string;
  readonly onAnother: () => void;
  /** The list of past orders has changed. */
  readonly onRemembered: (isKept: boolean) => void;
}

/** One order, live until it is final. */
export function OrderStatus({ id, onAnother, onRemembered }: OrderStatusProps) {
  const [order, setOrder] = useState<Order | "unknown">();
  const [connection, setConnection] = useState<Connection>("connecting");
  useEffect(() => {
    const leaving = new AbortController();
    const onOrder = (changed: Order) => {
      setOrder(changed);
      onRemembered(rememberOrder(changed));
    };
    const onUnknown = () => {
      setConnection("open");
      setOrder("unknown");
    };
    followOrder(id, { onOrder, onUnknown, onConnection: setConnection, signal: leaving.signal }).catch(() => undefined);
    return () => leaving.abort();
  }, [id]);

  const ends = order === "unknown" || (order !== undefined && isFinal(order));
  return (
    <section class="order-status" data-status={typeof order === "object" ? order.status : order}>
      {!ends && <ConnectionNotice connection={connection} />}
      <Heading order={order} />
      {typeof order === "object" && <Details order={order} />}
      {typeof order === "object" && order.status === "PLACED" && <Cancel id={id} onDecided={setOrder} />}
      {ends && (
        <button type="button" class="button main wide" onClick={onAnother}>
          {texts.status.another}
        </button>
      )}
    </section>
  );
}

/** Screen readers read the change; the title shows it in the list of tabs. */
function Heading({ order }: { readonly order: Order | "unknown" | undefined }) {
  const { heading, hint } = headingOf(order);
  useEffect(() => {
    document.title = `${heading} · ${texts.shop}`;
  }, [heading]);
  return (
    <div role="status" aria-atomic="true" class="state">
      <h1>{heading}</h1>
      {hint !== "" && <p>{hint}</p>}
    </div>
  );
}

function headingOf(order: Order | "unknown" | undefined): { readonly heading: string; readonly hint: string } {
  if (order === undefined) return { heading: texts.status.loading, hint: "" };
  if (order === "unknown") return { heading: texts.status.unknown, hint: texts.status.unknownHint };
  return { heading: texts.status.headings[order.status], hint: texts.status.hints[order.status] };
}

function Details({ order }: { readonly order: Order }) {
  const { id, items, name, placed_at, started_at, completed_at } = order;
  const note = noteOf(order);
  const { placed, started, done } = texts.status.steps;
  const steps = [
    { step: placed, at: placed_at },
    { step: started, at: started_at },
    { step: done, at: completed_at },
  ];
  return (
    <div class="card details">
      <h2>
        <span class="code">{texts.status.yours(codeOf(id))}</span>
        {name !== undefined && <span class="name"> {texts.status.forName(name)}</span>}
      </h2>
      <p class="name">{itemsText(items)}</p>
      {order.status !== "CANCELLED" && (
        <ol class="steps">
          {steps.map(({ step, at }) => (
            <li key={step} class={at === undefined ? "" : "done"}>
              <span>{step}</span> {at !== undefined && <time dateTime={at}>{timeOf(at)}</time>}
            </li>
          ))}
        </ol>
      )}
      {note !== undefined && <p class="note name">{texts.status.note(note)}</p>}
    </div>
  );
}

function Cancel({ id, onDecided }: { readonly id: string; readonly onDecided: (order: Order) => void }) {
  const [isAsking, setIsAsking] = useState(false);
  const [failure, setFailure] = useState("");
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const cancel = async () => {
    if (isAsking) return;
    setIsAsking(true);
    const answer = await cancelOrder(id);
    if (!isHere.current) return;
    setIsAsking(false);
    setFailure(answer.ok ? "" : answer.detail);
    if (answer.ok && answer.body) onDecided(answer.body);
  };
  return (
    <div class="cancel">
      <button type="button" class="button wide" aria-disabled={isAsking} onClick={cancel}>
        {isAsking ? texts.status.cancelling : texts.status.cancel}
      </button>
      <p role="alert">{failure !== "" && <span class="notice bad">{failure}</span>}</p>
    </div>
  );
}
