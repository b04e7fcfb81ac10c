import { useState } from "preact/hooks";
import { nameOf } from "../shared/order-words.ts";
import { texts } from "../shared/texts.ts";
import { menu } from "./menu.ts";
import type { OrderRequest } from "./order.ts";

const maxQuantity = 20;
/** In characters as the shop counts them: an emoji of one code point is one. */
const maxName = 200;

interface OrderFormProps {
  /** Why the shop did not take the order before. */
  readonly refused: string | undefined;
  readonly onOrder: (request: OrderRequest) => void;
}

export function OrderForm({ refused, onOrder }: OrderFormProps) {
  const [sku, setSku] = useState<string>(menu[0]);
  const [quantity, setQuantity] = useState(1);
  const [name, setName] = useState("");
  const isTooLong = [...name.trim()].length > maxName;
  const submit = (event: Event) => {
    event.preventDefault();
    if (isTooLong) return;
    const called = name.trim();
    onOrder({ items: [{ sku, quantity }], ...(called !== "" && { name: called }) });
  };
  return (
    <form class="order-form" onSubmit={submit}>
      <h1>{texts.order.title}</h1>
      {refused !== undefined && (
        <p role="alert" class="notice bad">
          {texts.order.refused(refused)}
        </p>
      )}
      <fieldset>
        <legend>{texts.order.choose}</legend>
        <div class="menu">
          {menu.map((each) => (
            <label key={each} class="choice">
              <input type="radio" name="sku" value={each} checked={each === sku} onChange={() => setSku(each)} />
              <span>{nameOf(each)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <Quantity quantity={quantity} onChange={setQuantity} />
      <div class="field">
        <label for="name">{texts.order.name}</label>
        <input
          id="name"
          autocomplete="given-name"
          value={name}
          aria-describedby="name-hint"
          aria-invalid={isTooLong}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <p id="name-hint" class="hint" aria-live="polite">
          {isTooLong ? texts.order.nameTooLong(maxName) : texts.order.nameHint}
        </p>
      </div>
      <button type="submit" class="button main wide">
        {texts.order.place(quantity, nameOf(sku))}
      </button>
    </form>
  );
}

function Quantity({
  quantity,
  onChange,
}: {
  readonly quantity: number;
  readonly onChange: (quantity: number) => void;
}) {
  const change = (by: number) => () => onChange(Math.min(maxQuantity, Math.max(1, quantity + by)));
  return (
    <fieldset class="quantity">
      <legend>{texts.order.quantity}</legend>
      <button type="button" class="button" aria-label={texts.order.fewer} onClick={change(-1)}>
        −
      </button>
      <output aria-live="polite">{quantity}</output>
      <button type="button" class="button" aria-label={texts.order.more} onClick={change(1)}>
        +
      </button>
    </fieldset>
  );
}
