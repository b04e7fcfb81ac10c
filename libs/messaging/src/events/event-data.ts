import { JsonData, withoutUndefined } from "./json-data.ts";
import { InvalidEventDataError, resultOf, type StandardSchema, validated } from "./standard-schema.ts";

/**
 * Returns an event's data as readers receive it: as its schema returns it, without properties that are undefined.
 * @throws InvalidEventDataError when it does not match the schema, or JSON would change it.
 */
export async function dataToSend(type: string, schema: StandardSchema, given: unknown): Promise<unknown> {
  const data = await validated(type, schema, given);
  const json = new JsonData();
  const notJson = json.find(data, given);
  if (notJson !== undefined) {
    const issue = `data${notJson.path}: ${notJson.what} cannot be sent as JSON`;
    throw new InvalidEventDataError(type, [issue], { problem: "cannot be sent unchanged" });
  }
  // A schema may require a property and allow undefined for it. Readers get no such property and would reject the event.
  return json.hasUndefined ? validated(type, schema, withoutUndefined(data)) : data;
}

/** Parameters for reading the data of one kind of event. */
export interface DataReader<Data> {
  readonly type: string;
  readonly version: number;
  readonly schema: StandardSchema<unknown, Data>;
  readonly upcast?: ((data: unknown, from: number) => unknown) | undefined;
}

/**
 * Converts received data to the newest shape, and validates it.
 * @throws InvalidEventDataError when it does not match the schema, or the upcast fails.
 */
export async function readData<Data>(
  { type, version, schema, upcast }: DataReader<Data>,
  data: unknown,
  from: number,
): Promise<Data> {
  if (upcast === undefined || from >= version) return validated(type, schema, data);
  const problem = `of version ${from} cannot be converted to version ${version}, because upcast threw`;
  const newest = await resultOf(
    () => upcast(data, from),
    (reason, cause) => new InvalidEventDataError(type, [reason], { problem, cause }),
  );
  return validated(type, schema, newest);
}
