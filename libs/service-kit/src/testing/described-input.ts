import type { DescribedOperation, JsonSchema, OpenApiDocument } from "../document/index.ts";

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
}

export function parametersOf(operation: DescribedOperation): readonly Parameter[] {
  return Array.isArray(operation.parameters) ? operation.parameters : [];
}

export function bodySchema(operation: DescribedOperation): JsonSchema | undefined {
  const body = operation.requestBody as { content?: Record<string, { schema?: JsonSchema }> } | undefined;
  return body?.content?.["application/json"]?.schema;
}

/** The required members of a body, by the document's examples: an invalid member would hide what is read after it. */
export function leastBody(schema: JsonSchema | undefined, document: OpenApiDocument): Record<string, unknown> {
  const { required, properties } = resolved(schema ?? {}, document);
  const names = Array.isArray(required) ? (required as string[]) : [];
  return Object.fromEntries(names.map((name) => [name, exampleOf(Object(properties)[name] ?? {}, document)]));
}

function exampleOf(schema: JsonSchema, document: OpenApiDocument): unknown {
  const { examples, type } = resolved(schema, document);
  if (Array.isArray(examples)) return examples[0];
  return type === "object" ? leastBody(schema, document) : "";
}

export function resolved(schema: JsonSchema, document: OpenApiDocument): JsonSchema {
  if (typeof schema.$ref !== "string") return schema;
  return document.components.schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {};
}
