/*
 * An event's data travels as JSON, which cannot hold every value: it drops a function, writes `null` for `NaN` and text for a
 * `Date`, and throws for a bigint. Such data must fail at commit, because readers would receive other data, or none.
 */

/** A value that JSON would change. */
export interface NotJson {
  /** Path within the data: `.items[2].price`. */
  readonly path: string;
  /** `NaN`, `an instance of Map`, ... */
  readonly what: string;
}

/** `JSON.stringify` overflows its stack at some thousand levels. Parsers of other languages stop earlier, .NET's at 64. */
const maxDepth = 1_000;

/**
 * Finds a value that JSON would change.
 *
 * It walks the data itself: a replacer slows `JSON.stringify` down more, and receives a `Date` as text. JSON drops a property
 * that is `undefined`, which is allowed; `hasUndefined` tells whether there is one.
 */
export class JsonData {
  #hasUndefined = false;
  readonly #ancestors: object[] = [];

  get hasUndefined(): boolean {
    return this.#hasUndefined;
  }

  /**
   * Returns the first such value in `data`, or undefined. `given` is the data before validation: schemas silently drop a key
   * `__proto__`, because assigning it would set the prototype of their copy.
   */
  find(data: unknown, given: unknown): NotJson | undefined {
    switch (typeof data) {
      case "string":
      case "boolean":
        return undefined;
      case "number":
        return Number.isFinite(data) && !Object.is(data, -0)
          ? undefined
          : here(Object.is(data, -0) ? "-0" : String(data));
      case "object":
        return data === null ? undefined : this.#within(data, given);
      case "undefined":
        return here("undefined");
      default:
        return here(`a ${typeof data}`);
    }
  }

  #within(data: object, given: unknown): NotJson | undefined {
    if (this.#ancestors.includes(data)) return here("a cycle");
    if (this.#ancestors.length >= maxDepth) return here(`nesting deeper than ${maxDepth} levels`);
    this.#ancestors.push(data);
    const found = Array.isArray(data) ? this.#inArray(data, given) : this.#inObject(data, given);
    this.#ancestors.pop();
    return found;
  }

  #inArray(array: readonly unknown[], given: unknown): NotJson | undefined {
    for (let index = 0; index < array.length; index++) {
      const found = this.find(array[index], valueIn(given, index));
      if (found !== undefined) return at(`[${index}]`, found);
    }
    // Every element has a key, so a further key is a property of the array, such as the `groups` of a match.
    const keys = Object.keys(array);
    if (keys.length > array.length) return at(step(keys[array.length] ?? ""), here("a property of an array"));
    return symbolIn(array);
  }

  #inObject(object: object, given: unknown): NotJson | undefined {
    if (!isPlain(object)) return here(nameOf(object));
    if (hasProtoKey(object) || hasProtoKey(given)) return at(step("__proto__"), here("a key of this name"));
    for (const key of Object.keys(object)) {
      const value = valueIn(object, key);
      if (value === undefined) {
        this.#hasUndefined = true;
        continue;
      }
      const found = this.find(value, valueIn(given, key));
      if (found !== undefined) return at(step(key), found);
    }
    return symbolIn(object);
  }
}

/** Returns the data without properties that are undefined, as readers receive it. */
export function withoutUndefined(data: unknown): unknown {
  if (typeof data !== "object" || data === null) return data;
  if (Array.isArray(data)) return data.map(withoutUndefined);
  const present = Object.entries(data).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([key, value]) => [key, withoutUndefined(value)]));
}

function valueIn(container: unknown, key: string | number): unknown {
  return (container as Record<string, unknown> | null | undefined)?.[key];
}

function hasProtoKey(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "__proto__");
}

/** Compares shapes, not identities: an object of another realm (Jest runs tests in one) is plain as well. */
function isPlain(object: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(object);
  return prototype === Object.prototype || prototype === null || Object.hasOwn(prototype, "isPrototypeOf");
}

/** A symbol that is not enumerable is not data, like `validate` of a pending event. */
function symbolIn(object: object): NotJson | undefined {
  const symbols = Object.getOwnPropertySymbols(object);
  if (symbols.length === 0) return undefined;
  const symbol = symbols.find((each) => Object.prototype.propertyIsEnumerable.call(object, each));
  return symbol && at(`[${String(symbol)}]`, here("a key that is a symbol"));
}

function here(what: string): NotJson {
  return { path: "", what };
}

function at(step: string, { path, what }: NotJson): NotJson {
  return { path: `${step}${path}`, what };
}

function step(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function nameOf(object: object): string {
  const name: unknown = object.constructor?.name;
  return typeof name === "string" && name !== "" ? `an instance of ${name}` : "an object with a prototype of its own";
}
