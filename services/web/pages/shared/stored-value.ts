/** A value that stays in the browser. Where storage is off or full, it stays in the page. */
export interface StoredValue<T> {
  read(): T;
  /** Returns whether the browser keeps it. */
  write(value: T): boolean;
}

/** `storage` is a function, because a browser may refuse even to name it. `parse` returns undefined for a foreign value. */
export function storedValue<T>(
  storage: () => Storage,
  key: string,
  parse: (json: unknown) => T | undefined,
  otherwise: T,
): StoredValue<T> {
  let inPage: T | undefined;
  return {
    read: () => {
      if (inPage !== undefined) return inPage;
      try {
        return parse(JSON.parse(storage().getItem(key) ?? "null")) ?? otherwise;
      } catch {
        return otherwise;
      }
    },
    write: (value) => {
      try {
        storage().setItem(key, JSON.stringify(value));
        inPage = undefined;
        return true;
      } catch {
        inPage = value;
        return false;
      }
    },
  };
}
