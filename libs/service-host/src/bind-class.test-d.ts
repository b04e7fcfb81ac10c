import type { Bind } from "inversify";
import { classBinder } from "./bind-class.ts";
import { token } from "./host-tokens.ts";

// The compiler compares the tokens of a binding with the constructor of its class.

class Store {
  readonly kind = "store";
}
class Clock {
  readonly kind = "clock";
}
declare const Reader: new (store: Store, clock: Clock) => object;
declare const Writer: new (options: { readonly store: Store; readonly max: number; readonly clock?: Clock }) => object;

export function check(bind: Bind): void {
  const { bindClass, bindWithOptions } = classBinder(bind);
  const max = token<number>("max");

  bindClass(Reader, [Store, Clock]);
  // @ts-expect-error a token is missing
  bindClass(Reader, [Store]);
  // @ts-expect-error the tokens are in the wrong order
  bindClass(Reader, [Clock, Store]);

  bindWithOptions(Writer, { store: Store, max });
  bindWithOptions(Writer, { store: Store }, { max: 3 });
  // @ts-expect-error `max` is neither a token nor a value
  bindWithOptions(Writer, { store: Store });
  // @ts-expect-error the token of `store` is that of a clock
  bindWithOptions(Writer, { store: Clock, max });
}
