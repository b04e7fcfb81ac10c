import { z } from "zod";
import { defineEvent } from "./event.ts";

const Placed = defineEvent("Placed", {
  version: 1,
  schema: z.object({ id: z.string(), name: z.string().optional(), lines: z.array(z.object({ n: z.number() })) }),
});

Placed({ id: "1", lines: [{ n: 1 }] });
// @ts-expect-error the id is missing
Placed({ lines: [] });
const type: "Placed" = Placed.type;
void type;

defineEvent("Brewed", { version: 1, schema: z.object({ result: z.json().exactOptional() }) });

// @ts-expect-error a schema that transforms would make what is read differ from what is committed
defineEvent("Counted", { version: 1, schema: z.object({ n: z.string().transform(Number) }) });
// @ts-expect-error a Date does not survive JSON
defineEvent("Dated", { version: 1, schema: z.object({ at: z.date() }) });
// @ts-expect-error a bigint does not survive JSON
defineEvent("Counted", { version: 1, schema: z.object({ n: z.bigint() }) });
// @ts-expect-error an array's undefined comes back as null
defineEvent("Listed", { version: 1, schema: z.object({ names: z.array(z.string().optional()) }) });
