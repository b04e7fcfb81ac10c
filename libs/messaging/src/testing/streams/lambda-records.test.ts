import { expect, test } from "vitest";
import { copyOfRecord, toLambdaImage } from "./lambda-records.ts";

const bytes = Buffer.from("milk");

test("binaries are in base64 in Lambda's event, however deep they lie", () => {
  const item = {
    text: { S: "x" },
    list: { L: [{ M: { one: { B: bytes }, some: { BS: [bytes] } } }] },
    set: { NS: ["1"] },
  };
  const base64 = bytes.toString("base64");
  expect(toLambdaImage(item)).toEqual({
    text: { S: "x" },
    list: { L: [{ M: { one: { B: base64 }, some: { BS: [base64] } } }] },
    set: { NS: ["1"] },
  });
});

test("a function's changes of its event stay its own", () => {
  const record = {
    eventName: "INSERT",
    dynamodb: { Keys: { id: { S: "1" } }, NewImage: { lines: { L: [{ S: "a" }] }, tags: { SS: ["a"] } } },
  } as const;
  const untouched = structuredClone(record);
  const copy = copyOfRecord(record as never);
  expect(copy).toEqual(record);
  const { Keys, NewImage } = copy.dynamodb ?? {};
  Object.assign(Keys?.id ?? {}, { S: "2" });
  NewImage?.lines?.L?.push({ S: "b" });
  NewImage?.tags?.SS?.push("b");
  expect(record).toEqual(untouched);
});
