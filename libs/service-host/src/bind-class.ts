import type { Bind, ServiceIdentifier } from "inversify";

type Tokens<Values> = { readonly [K in keyof Values]: ServiceIdentifier<Values[K]> };
type Newable<T, Args extends readonly unknown[]> = new (...args: [...Args]) => T;

/**
 * Binds classes in one line each, without decorators. The compiler compares the tokens with the constructor.
 *
 * ```ts
 * const { bindClass, bindWithOptions } = classBinder(bind);
 * bindClass(FinishTicket, [TicketAggregates, bar]);                    // new FinishTicket(tickets, bar)
 * bindWithOptions(OpenOrderLimit, { store: OrderStore }, { maxOpen }); // new OpenOrderLimit({ store, maxOpen })
 * ```
 *
 * Both take the token to bind as a last argument when it is not the class itself, such as an abstract class.
 */
export function classBinder(bind: Bind) {
  return {
    bindClass<T, Args extends readonly unknown[]>(
      made: Newable<T, Args>,
      tokens: Tokens<Args>,
      as: ServiceIdentifier<T> = made,
    ): void {
      const create = (...args: unknown[]) => new made(...(args as [...Args]));
      bind(as).toResolvedValue(create, [...tokens] as ServiceIdentifier[]);
    },

    bindWithOptions<T, Options extends object, Given extends Partial<Options> = Record<never, never>>(
      made: Newable<T, [Options]>,
      tokens: Tokens<Omit<Options, keyof Given>>,
      given?: Given,
      as: ServiceIdentifier<T> = made,
    ): void {
      const names = Object.keys(tokens);
      const create = (...values: unknown[]) => {
        const resolved = Object.fromEntries(names.map((name, index) => [name, values[index]]));
        return new made({ ...resolved, ...given } as Options);
      };
      bind(as).toResolvedValue(create, Object.values<ServiceIdentifier>(tokens));
    },
  };
}
