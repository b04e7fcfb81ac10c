import type { Item } from "../shared/order-words.ts";
import { moneyOf } from "../shared/order-words.ts";
import { texts } from "../shared/texts.ts";
import type { Menu, MenuItem } from "./use-menu.ts";

const maxQuantity = 20;
/** As many grey rows as the menu will have, or so, so that the page does not jump. */
const expectedRows = 8;

interface MenuListProps {
  readonly menu: Menu;
  readonly chosen: readonly Item[];
  readonly onChoose: (items: readonly Item[]) => void;
}

export function MenuList({ menu: { items, trouble }, chosen, onChoose }: MenuListProps) {
  const quantityOf = (sku: string) => chosen.find((item) => item.sku === sku)?.quantity ?? 0;
  const choose = (sku: string, quantity: number) => {
    const others = chosen.filter((item) => item.sku !== sku);
    onChoose(quantity === 0 ? others : [...others, { sku, quantity }]);
  };
  return (
    <section class="menu" aria-labelledby="menu" aria-busy={items === undefined}>
      <h2 id="menu">{texts.order.menu}</h2>
      <div role="status">
        {trouble !== "" && <p class="notice">{texts.order.noMenu(trouble)}</p>}
        {items === undefined && trouble === "" && <span class="unseen">{texts.order.loadingMenu}</span>}
      </div>
      <ul>
        {items === undefined
          ? Array.from({ length: expectedRows }, (_, row) => <li key={row} class="drink ghost" aria-hidden="true" />)
          : items.map((item) => (
              <Drink
                key={item.sku}
                item={item}
                quantity={quantityOf(item.sku)}
                onChange={(quantity) => choose(item.sku, quantity)}
              />
            ))}
      </ul>
    </section>
  );
}

interface DrinkProps {
  readonly item: MenuItem;
  readonly quantity: number;
  readonly onChange: (quantity: number) => void;
}

function Drink({ item: { name, price }, quantity, onChange }: DrinkProps) {
  return (
    <li class={quantity > 0 ? "drink chosen" : "drink"}>
      <span class="drink-name">{name}</span>
      <span class="price">{moneyOf(price)}</span>
      <div class="stepper">
        {quantity > 0 && (
          <>
            <button
              type="button"
              class="round"
              aria-label={texts.order.fewer(name)}
              onClick={() => onChange(quantity - 1)}
            >
              −
            </button>
            <output aria-label={texts.order.quantityOf(name, quantity)}>{quantity}</output>
          </>
        )}
        <button
          type="button"
          class="round more"
          aria-label={texts.order.more(name)}
          aria-disabled={quantity >= maxQuantity}
          onClick={() => quantity < maxQuantity && onChange(quantity + 1)}
        >
          +
        </button>
      </div>
    </li>
  );
}
