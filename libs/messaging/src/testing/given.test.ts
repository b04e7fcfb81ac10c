import { expect, test } from "vitest";
import { z } from "zod";
import { defineEvent } from "../index.ts";
import { given } from "./given.ts";

const Opened = defineEvent("Opened", { version: 1, schema: z.object({ by: z.string() }) });

interface Door {
  readonly open: boolean;
}

function open(door: Door, { by }: { by: string }) {
  if (by === "") throw new TypeError("nobody is at the door");
  if (door.open) return { outcome: "already-open" } as const;
  return { outcome: "opened", door: { open: true }, events: [Opened({ by })] } as const;
}

test("a decision is compared with its events", () => {
  given({ open: false })
    .when(open, { by: "Ada" })
    .decides({ outcome: "opened", door: { open: true }, events: [Opened({ by: "Ada" })] });
  given({ open: true }).when(open, { by: "Ada" }).decides({ outcome: "already-open" });
});

test("another decision, or other events of it, is an error that shows both", () => {
  const opening = given<Door>({ open: false }).when(open, { by: "Ada" });
  expect(() => opening.decides({ outcome: "already-open" })).toThrow(/already-open/);
  expect(() => opening.decides({ outcome: "opened", door: { open: true }, events: [Opened({ by: "Bob" })] })).toThrow(
    /Ada[\s\S]*Bob/,
  );
  // @ts-expect-error `decide` cannot return this
  expect(() => opening.decides({ outcome: "closed" })).toThrow();
});

test("a refusal by an error is recognised by class or by message", () => {
  given({ open: false }).when(open, { by: "" }).throws(TypeError);
  given({ open: false })
    .when(open, { by: "" })
    .throws(/at the door/);
  expect(() => given({ open: false }).when(open, { by: "Ada" }).throws(TypeError)).toThrow(
    "Missing expected exception",
  );
});

test("a decision may need no input", () => {
  given(2)
    .when((n) => n + 1)
    .decides(3);
});
