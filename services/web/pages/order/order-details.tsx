import { codeOf, itemsText, moneyOf, timeOf } from "../shared/order-words.ts";
import { texts } from "../shared/texts.ts";
import { noteOf, type Order } from "./order-api.ts";

export function OrderDetails({ order }: { readonly order: Order }) {
  const { id, items, name, order_total, status } = order;
  const note = noteOf(order);
  return (
    <div class="card details">
      <div class="details-head">
        <h2>{texts.status.yours}</h2>
        <span class="code">{codeOf(id)}</span>
      </div>
      <p class="name">
        {itemsText(items)}
        {name !== undefined && ` ${texts.status.forName(name)}`}
      </p>
      {order_total !== undefined && (
        <p class="total">
          <span>{texts.status.total}</span> <span>{moneyOf(order_total)}</span>
        </p>
      )}
      {status !== "CANCELLED" && status !== "REJECTED" && <Steps order={order} />}
      {note !== undefined && <p class="note name">{texts.status.note(note)}</p>}
    </div>
  );
}

function Steps({ order: { placed_at, started_at, completed_at } }: { readonly order: Order }) {
  const { placed, started, done } = texts.status.steps;
  const steps = [
    { step: placed, at: placed_at },
    { step: started, at: started_at },
    { step: done, at: completed_at },
  ];
  return (
    <ol class="steps">
      {steps.map(({ step, at }) => (
        <li key={step} class={at === undefined ? "" : "done"}>
          <span>{step}</span> {at !== undefined && <time dateTime={at}>{timeOf(at)}</time>}
        </li>
      ))}
    </ol>
  );
}
