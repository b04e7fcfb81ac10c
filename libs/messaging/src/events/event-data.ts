import { JsonData, withoutUndefined } from "./json-data.ts";
import { InvalidEventData, resultOf, type StandardSchema, validated } from "./standard-schema.ts";

/**
 * The data of an event as it will be read: as its schema gives it back, without the properties that are undefined.
 * @throws InvalidEventData when it does not match the schema, or would come back from JSON as something else.
 */
export async function dataToSend(type: string, schema: StandardSchema, given: unknown): Promise<unknown> {
  const data = await validated(type, schema, given);
  const json = new JsonData();
  const notJson = json.find(data, given);
  if (notJson !== undefined) {
    const issue = `data${notJson.path}: ${notJson.what} cannot be sent as JSON`;
    throw new InvalidEventData(type, [issue], { problem: "would change on its way" });
  }
  // A schema may ask for a property that may be undefined: then its readers, who get none, would refuse the event.
  return json.leavesOut ? validated(type, schema, withoutUndefined(data)) : data;
}

/** How the data of one kind of event is read. */
export interface DataReader<Data> {
  readonly type: string;
  readonly version: number;
  readonly schema: StandardSchema<unknown, Data>;
  readonly upcast?: ((data: unknown, from: number) => unknown) | undefined;
}

/**
 * Received data in the newest shape.
 * @throws InvalidEventData when it does not match the schema, or the upcast fails.
 */
export async function readData<Data>(
  { type, version, schema, upcast }: DataReader<Data>,
  data: unknown,
  from: number,
): Promise<Data> {
  if (upcast === undefined || from >= version) return validated(type, schema, data);
  const problem = `of version ${from} cannot be brought to version ${version}, because upcast threw`;
  const newest = await resultOf(
    () => upcast(data, from),
    (reason, cause) => new InvalidEventData(type, [reason], { problem, cause }),
  );
  return validated(type, schema, newest);
}
