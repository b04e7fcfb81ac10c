import { useEffect, useState } from "preact/hooks";
import { itemsText, timeOf } from "../shared/order-words.ts";
import { newKey } from "../shared/shop-api.ts";
import { texts } from "../shared/texts.ts";
import { isFinal, type Order, type OrderRequest } from "./order.ts";
import { OrderForm } from "./order-form.tsx";
import { type Past, type Pending, pastOrders, pendingOrder, rememberOrder } from "./order-memory.ts";
import { OrderStatus } from "./order-status.tsx";
import { Placing } from "./placing.tsx";

type View =
  | { readonly at: "form"; readonly refused?: string }
  | { readonly at: "placing"; readonly pending: Pending }
  | { readonly at: "order"; readonly id: string };

/** Where a customer who opens the page goes on: the order in the address, one without an answer, or one that is open. */
function firstView(): View {
  const asked = new URLSearchParams(location.search).get("order");
  if (asked !== null) return { at: "order", id: asked };
  const pending = pendingOrder.read();
  if (pending !== undefined) return { at: "placing", pending };
  const [latest] = pastOrders.read();
  return latest === undefined || isFinal(latest) ? { at: "form" } : { at: "order", id: latest.id };
}

export function OrderPage() {
  const [view, setView] = useState(firstView);
  const [past, setPast] = useState(() => pastOrders.read());
  const [isKept, setIsKept] = useState(true);
  useEffect(() => {
    const query = view.at === "order" ? `?order=${encodeURIComponent(view.id)}` : "";
    history.replaceState(null, "", `${location.pathname}${query}`);
  }, [view]);
  useEffect(() => {
    // Another tab has placed an order.
    const refresh = () => setPast(pastOrders.read());
    window.addEventListener("storage", refresh);
    return () => window.removeEventListener("storage", refresh);
  }, []);

  const remembered = (isWritten: boolean) => {
    setIsKept(isWritten);
    setPast(pastOrders.read());
  };
  const order = (request: OrderRequest) => {
    const pending = { key: newKey(), request };
    setIsKept(pendingOrder.write(pending));
    setView({ at: "placing", pending });
  };
  const placed = (order: Order) => {
    pendingOrder.write(undefined);
    remembered(rememberOrder(order));
    setView({ at: "order", id: order.id });
  };
  const refused = (detail: string) => {
    pendingOrder.write(undefined);
    setView({ at: "form", refused: detail });
  };
  const forget = () => {
    pastOrders.write([]);
    setPast([]);
  };
  return (
    <main>
      <p class="brand">{texts.shop}</p>
      {!isKept && <p class="notice">{texts.order.notKept}</p>}
      {view.at === "form" && <OrderForm refused={view.refused} onOrder={order} />}
      {view.at === "placing" && <Placing pending={view.pending} onPlaced={placed} onRefused={refused} />}
      {view.at === "order" && (
        <OrderStatus key={view.id} id={view.id} onAnother={() => setView({ at: "form" })} onRemembered={remembered} />
      )}
      <History past={past} onForget={forget} onOpen={(id) => setView({ at: "order", id })} />
    </main>
  );
}

interface HistoryProps {
  readonly past: readonly Past[];
  readonly onForget: () => void;
  readonly onOpen: (id: string) => void;
}

function History({ past, onForget, onOpen }: HistoryProps) {
  return (
    <section class="history" aria-labelledby="history">
      <h2 id="history">{texts.history.title}</h2>
      {past.length === 0 && <p class="hint">{texts.history.empty}</p>}
      <ul>
        {past.map(({ id, items, status, placed_at }) => (
          <li key={id}>
            <button type="button" class="past" onClick={() => onOpen(id)}>
              <span class="name">{itemsText(items)}</span>
              <span class="hint">
                {texts.status.headings[status]}
                {placed_at !== undefined && `, ${timeOf(placed_at)}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {past.length > 0 && (
        <button type="button" class="button" onClick={onForget}>
          {texts.history.clear}
        </button>
      )}
    </section>
  );
}
