import { callback, checkOptions, optional, type Rule, type Rules } from "../options/index.ts";
import { dataToSend, readData } from "./event-data.ts";
import type { StandardSchema } from "./standard-schema.ts";

/**
 * Types that `JSON.parse(JSON.stringify(value))` keeps. An event's data travels as JSON, where a `Date` or a `Map` becomes
 * something else: a schema with one does not compile.
 */
type Jsonable<T> = unknown extends T
  ? T
  : T extends Json | undefined
    ? T
    : T extends ((...args: never) => unknown) | bigint | symbol | Date | Map<unknown, unknown> | Set<unknown>
      ? never
      : T extends readonly (infer Element)[]
        ? number extends T["length"]
          ? undefined extends Element
            ? never
            : { [K in keyof T]: Jsonable<T[K]> }
          : { [K in keyof T]: Jsonable<T[K]> }
        : T extends object
          ? { [K in keyof T]: Jsonable<T[K]> }
          : never;

/** Compared as a whole, because the walk through a recursive type (zod's `z.json()`) would not end. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * An event that is not committed yet: it has no id, no time and no version of an aggregate. It is plain data, so that tests
 * can compare decisions; `validate` is not enumerable, and comparisons skip it.
 */
export interface PendingEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  /** Version of the data's shape, from the event's definition. */
  readonly version: number;
  /** As given, before validation. */
  readonly data: Data;
  /**
   * Returns the data as readers receive it: as its schema returns it, without properties that are undefined.
   * @throws InvalidEventDataError, also for data that JSON would change: `data.items[2].price: NaN cannot be sent as JSON`.
   */
  validate(): Promise<unknown>;
}

/** A kind of event. Call it with data to create an event; pass it to `on` to handle one. */
export interface EventDefinition<Type extends string = string, Data = unknown> {
  (data: Data): PendingEvent<Type, Data>;
  readonly type: Type;
  readonly version: number;
  /**
   * Converts received data of the given version to this definition's version, and validates it.
   * @throws InvalidEventDataError when it does not match the schema.
   */
  read(data: unknown, version: number): Promise<Data>;
}

export interface EventOptions<Data> {
  /** Whole number from 1. Raise it when the data changes shape in a way that old readers must notice. */
  readonly version: number;
  /** Must not transform: readers validate the committed data with the same schema. */
  readonly schema: StandardSchema<Data, Data> & (Data extends Jsonable<Data> ? unknown : NotJsonable);
  /**
   * Converts data of an older version to the newest shape; the schema validates the result. May be async. When it throws,
   * `read` throws `InvalidEventDataError` with that error as its cause.
   */
  readonly upcast?: (data: unknown, from: number) => unknown;
}

/** A literal, because the compiler's message shows a literal in full and an interface by its name. */
type NotJsonable =
  "An event's data must survive JSON: use strings, numbers, booleans, null, arrays without undefined, and plain objects. A Date travels as its toISOString(), a bigint as a string.";

const standardSchema: Rule = {
  allowed: "a Standard Schema, such as zod's",
  holds: (value) =>
    (typeof value === "object" || typeof value === "function") &&
    value !== null &&
    typeof (value as Partial<StandardSchema>)["~standard"]?.validate === "function",
};

const rules: Rules<Partial<Record<keyof EventOptions<never>, unknown>>> = {
  version: { allowed: "a whole number from 1", holds: (value) => Number.isSafeInteger(value) && Number(value) >= 1 },
  schema: standardSchema,
  upcast: optional(callback),
};

/** A batch allows 512 bytes for type and source as message attributes, see `publish-batches.ts`. */
const maxTypeLength = 128;

/**
 * Defines a kind of event. The type has 1 to 128 letters, digits, dots, dashes and underscores, and begins with a letter.
 *
 * ```ts
 * const OrderPlaced = defineEvent("OrderPlaced", { version: 1, schema: z.object({ orderId: z.string() }) });
 * OrderPlaced({ orderId: "42" }); // a PendingEvent
 * ```
 *
 * @throws TypeError naming the wrong option and the values allowed.
 */
export function defineEvent<const Type extends string, Data>(
  type: Type,
  options: EventOptions<Data>,
): EventDefinition<Type, Data> {
  if (typeof type !== "string" || type.length > maxTypeLength || !/^[A-Za-z][\w.-]*$/.test(type)) {
    throw new TypeError(
      `"${type}" is not an event type: use up to ${maxTypeLength} letters, digits, ".", "-" and "_", beginning with a letter.`,
    );
  }
  checkOptions(type, options, rules);
  const { version, schema, upcast } = options;
  return Object.assign(
    (data: Data): PendingEvent<Type, Data> => {
      const validate = { value: () => dataToSend(type, schema, data) };
      return Object.defineProperties({ type, version, data }, { validate }) as PendingEvent<Type, Data>;
    },
    {
      type,
      version,
      read: (data: unknown, from: number) => readData({ type, version, schema, upcast }, data, from),
    },
  );
}
