import { callback, checkOptions, optional, type Rule, type Rules } from "../runtime/index.ts";
import { dataToSend, readData } from "./event-data.ts";
import type { StandardSchema } from "./standard-schema.ts";

/**
 * What survives `JSON.parse(JSON.stringify(value))` unchanged. An event's data travels as JSON, so a `Date` or a `Map`
 * in it would arrive as something else: such a schema does not compile.
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

/** Taken as a whole, because walking through a type that contains itself (zod's `z.json()`) would never end. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * An event that has been decided but not committed: it has no id, no time and no aggregate's version yet. It is plain
 * data, so that decisions can be compared; `validate` is not enumerable and takes no part in that.
 */
export interface PendingEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  /** That of the data's shape, as its definition says. */
  readonly version: number;
  /** As it was given, before its schema has seen it. */
  readonly data: Data;
  /**
   * The data as its readers will get it: as its schema gives it back, without properties that are undefined.
   * @throws InvalidEventData also where JSON would change it: `data.items[2].price: NaN cannot be sent as JSON`.
   */
  validate(): Promise<unknown>;
}

/** A kind of event: call it with data to make one, hand it to `on` to handle one. */
export interface EventDefinition<Type extends string = string, Data = unknown> {
  (data: Data): PendingEvent<Type, Data>;
  readonly type: Type;
  readonly version: number;
  /**
   * Data received in the given version, brought to this definition's version and checked.
   * @throws InvalidEventData when it does not match the schema.
   */
  read(data: unknown, version: number): Promise<Data>;
}

export interface EventOptions<Data> {
  /** Whole number from 1; raise it when the data changes shape in a way that old readers must notice. */
  readonly version: number;
  /** Must not transform: what is committed is what is read. */
  readonly schema: StandardSchema<Data, Data> & (Data extends Jsonable<Data> ? unknown : NotJsonable);
  /**
   * Brings data of an older version to the newest shape; the result is checked against the schema. May be async. When it
   * throws, `read` throws `InvalidEventData` with that as its cause.
   */
  readonly upcast?: (data: unknown, from: number) => unknown;
}

/** A literal, because a compiler's message shows it in full, where it shows an interface by its name. */
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

/** A batch counts 512 bytes for type and source as message attributes, see `publish-batches.ts`. */
const maxTypeLength = 128;

/**
 * Defines a kind of event. The type has 1 to 128 letters, digits, dots, dashes and underscores, and begins with a letter.
 *
 * ```ts
 * const OrderPlaced = defineEvent("OrderPlaced", { version: 1, schema: z.object({ orderId: z.string() }) });
 * OrderPlaced({ orderId: "42" }); // a PendingEvent
 * ```
 *
 * @throws TypeError naming the option that is wrong, and what is allowed.
 */
export function defineEvent<const Type extends string, Data>(
  type: Type,
  options: EventOptions<Data>,
): EventDefinition<Type, Data> {
  if (typeof type !== "string" || type.length > maxTypeLength || !/^[A-Za-z][\w.-]*$/.test(type)) {
    throw new TypeError(
      `"${type}" is no event type: use up to ${maxTypeLength} letters, digits, ".", "-" and "_", beginning with a letter.`,
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
