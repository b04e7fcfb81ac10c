import { z } from "zod";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** `input` is the schema of a value that callers send, `output` of a value that they receive. */
export type Direction = "input" | "output";

/**
 * Collects the named schemas of a document. A schema that differs by direction (a default makes a member optional to send,
 * and certain to receive) has two components: `Order` is received, and `OrderInput` is sent.
 */
export class SchemaPool {
  readonly components: Record<string, JsonSchema> = {};
  readonly #texts = new Map<string, string>();

  /** Returns the JSON schema, with references to the components of the schemas that have a name. */
  of(schema: z.ZodType, io: Direction): JsonSchema {
    // Wrapped, because zod makes a definition of every named schema but the outermost.
    const { $defs = {}, properties = {} } = z.toJSONSchema(z.object({ it: schema.optional() }), {
      io,
      unrepresentable: "any",
      // JSON Schema has no such format. The other keywords of the text are enough.
      override: ({ jsonSchema }) => {
        if (String(jsonSchema.format) === "lowercase") delete jsonSchema.format;
      },
    });
    const texts = mapValues($defs, (definition) => JSON.stringify(definition));
    const names = mapValues($defs, (_, name) => this.#nameFor(name, texts[name] ?? "", io));
    for (const [name, definition] of Object.entries($defs)) {
      this.components[names[name] ?? name] = renamed(definition, names);
    }
    return renamed(properties.it ?? {}, names);
  }

  /** Returns the schema's own name, or another name if a different schema has it already. */
  #nameFor(name: string, text: string, io: Direction): string {
    // zod numbers the schemas that have no name and yet refer to themselves.
    const plain = name.startsWith("__schema") ? `AnyJson${name.slice(8) === "0" ? "" : name.slice(8)}` : name;
    const candidates = io === "output" ? [plain] : [plain, `${plain}Input`];
    const free = candidates.find((candidate) => (this.#texts.get(candidate) ?? text) === text) ?? `${plain}Output`;
    this.#texts.set(free, text);
    return free;
  }
}

function renamed(schema: unknown, names: Readonly<Record<string, string>>): JsonSchema {
  const text = JSON.stringify(schema, (key, value) => {
    if (key !== "$ref" || typeof value !== "string") return value;
    const name = value.replace("#/$defs/", "");
    return `#/components/schemas/${names[name] ?? name}`;
  });
  return JSON.parse(text);
}

export function mapValues<In, Out>(
  object: Readonly<Record<string, In>>,
  map: (value: In, key: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}
