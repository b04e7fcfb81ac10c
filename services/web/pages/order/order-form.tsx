import { useState } from "preact/hooks";
import type { AccountView } from "../account/use-account.ts";
import { type Item, moneyOf } from "../shared/order-words.ts";
import { TextField } from "../shared/text-field.tsx";
import { texts } from "../shared/texts.ts";
import { MenuList } from "./menu-list.tsx";
import type { OrderRequest } from "./order-api.ts";
import { PaymentChoice } from "./payment-choice.tsx";
import { type MenuItem, useMenu } from "./use-menu.ts";

/** In characters as the shop counts them: an emoji of one code point is one. */
const maxName = 200;

interface OrderFormProps {
  /** The order that the shop did not take: the form starts with its choices. */
  readonly refusedRequest: OrderRequest | undefined;
  /** Why the shop did not take it. */
  readonly refused: string | undefined;
  readonly account: AccountView;
  readonly onOrder: (request: OrderRequest) => void;
}

export function OrderForm({ refusedRequest, refused, account, onOrder }: OrderFormProps) {
  const menu = useMenu();
  const [chosen, setChosen] = useState<readonly Item[]>(refusedRequest?.items ?? []);
  const [name, setName] = useState(refusedRequest?.name ?? "");
  const [paysAtBar, setPaysAtBar] = useState(refusedRequest !== undefined && refusedRequest.customer_id === undefined);
  const isTooLong = [...name.trim()].length > maxName;
  const total = priceOf(chosen, menu.items ?? []);
  // The order needs only the account's id, so it does not wait for the account to load.
  const payerId = paysAtBar ? undefined : account.session?.customerId;
  const submit = (event: Event) => {
    event.preventDefault();
    if (isTooLong || chosen.length === 0 || menu.items === undefined) return;
    const trimmed = name.trim().toWellFormed();
    onOrder({
      items: chosen,
      ...(trimmed !== "" && { name: trimmed }),
      ...(payerId !== undefined && { customer_id: payerId }),
    });
  };
  return (
    <form class="order-form" onSubmit={submit}>
      <h1>{texts.order.title}</h1>
      {refused !== undefined && (
        <p role="alert" class="notice bad">
          {refused}
        </p>
      )}
      <MenuList menu={menu} chosen={chosen} onChoose={setChosen} />
      <Name name={name} isTooLong={isTooLong} onChange={setName} />
      <PaymentChoice view={account} total={total} paysAtBar={paysAtBar} onChange={setPaysAtBar} />
      <div class="till">
        <button type="submit" class="button main wide" aria-disabled={chosen.length === 0}>
          {chosen.length === 0 ? texts.order.empty : texts.order.submit(countOf(chosen), moneyOf(total))}
        </button>
      </div>
    </form>
  );
}

const countOf = (items: readonly Item[]) => items.reduce((sum, { quantity }) => sum + quantity, 0);

/** The price of the items; one that is not on the menu counts 0. */
function priceOf(items: readonly Item[], menu: readonly MenuItem[]): number {
  const prices = new Map(menu.map(({ sku, price }) => [sku, price]));
  return items.reduce((sum, { sku, quantity }) => sum + (prices.get(sku) ?? 0) * quantity, 0);
}

interface NameProps {
  readonly name: string;
  readonly isTooLong: boolean;
  readonly onChange: (name: string) => void;
}

function Name({ name, isTooLong, onChange }: NameProps) {
  return (
    <TextField
      id="name"
      label={texts.order.name}
      autocomplete="given-name"
      value={name}
      isInvalid={isTooLong}
      describedBy="name-hint"
      onChange={onChange}
    >
      <p id="name-hint" class={isTooLong ? "hint wrong" : "hint"} aria-live="polite">
        {isTooLong ? texts.order.nameTooLong(maxName) : texts.order.nameHint}
      </p>
    </TextField>
  );
}
