import { z } from "zod";
import type { Operation, OperationAnswer } from "./operation.ts";

/** Operations that stand under one heading of the document, `tag`. */
interface OperationGroup {
  readonly tag: string;
  readonly operations: readonly Operation[];
}

export interface DocumentOptions {
  readonly title: string;
  readonly version: string;
  /** Markdown. */
  readonly description?: string;
  readonly apis: readonly OperationGroup[];
  /** Members that the service adds to its problems where they apply, by name (`addProblemMembers`). */
  readonly problemMembers?: Readonly<Record<string, z.ZodType>>;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

interface MediaTypes {
  readonly [type: string]: { readonly schema: JsonSchema };
}

export interface DescribedResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: MediaTypes;
}

export interface DescribedOperation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, DescribedResponse>>;
  readonly [member: string]: unknown;
}

export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

/** RFC 9457, as every failing request is answered. */
const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().exactOptional(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).exactOptional(),
  })
  .meta({
    id: "Problem",
    description:
      "What went wrong (RFC 9457). `detail` says what to do; `instance` is the request's id; `errors` points at each bad value.",
  });

/**
 * The OpenAPI 3.1 document of the operations, made of the very schemas that their requests are validated by. A schema
 * with `.meta({ id })` becomes a component of that name.
 *
 * @throws Error when two operations have the same id, or the same method and path: one would hide the other.
 */
export function openApiDocument({ apis, problemMembers = {}, ...info }: DocumentOptions): OpenApiDocument {
  const schemas = new SchemaPool();
  const paths: Record<string, Record<string, DescribedOperation>> = {};
  const ids = new Set<string>();
  for (const { tag, operations } of apis) {
    for (const operation of operations) {
      const at = paths[operation.path] ?? {};
      paths[operation.path] = at;
      if (ids.has(operation.id) || at[operation.method]) {
        throw new Error(`Two operations are ${operation.id}, or ${operation.method} ${operation.path}: rename one.`);
      }
      ids.add(operation.id);
      at[operation.method] = described(operation, tag, schemas);
    }
  }
  const tags = [...new Set(apis.map(({ tag }) => tag))].map((name) => ({ name }));
  return {
    openapi: "3.1.0",
    info,
    tags,
    paths,
    components: { schemas: withMembers(schemas.components, problemMembers) },
  };
}

/** None is required: not every problem of the service has the subject that they describe. */
function withMembers(
  schemas: Readonly<Record<string, JsonSchema>>,
  members: Readonly<Record<string, z.ZodType>>,
): Record<string, JsonSchema> {
  const { Problem, ...others } = schemas;
  if (Problem === undefined) return others;
  const { properties: added } = z.toJSONSchema(z.object(members));
  return { ...others, Problem: { ...Problem, properties: { ...Object(Problem.properties), ...added } } };
}

function described(operation: Operation, tag: string, schemas: SchemaPool): DescribedOperation {
  const { id, summary, description, body } = operation;
  const parameters = [
    ...pathParameters(operation, schemas),
    ...parametersOf(operation.query, "query", schemas),
    ...parametersOf(operation.headers, "header", schemas),
  ];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: !body.schema.safeParse({}).success,
            content: { "application/json": { schema: schemas.of(body.schema, "input") } },
          },
        }),
    responses: responsesOf(operation, schemas),
  };
}

function responsesOf(operation: Operation, schemas: SchemaPool): Record<string, DescribedResponse> {
  const problem = (description: string) => ({
    description,
    content: { "application/problem+json": { schema: schemas.of(problemSchema, "output") } },
  });
  const { params, query, headers, body, problems = {} } = operation;
  const takesInput = params ?? query ?? headers ?? body;
  const meant: Record<string, string> = {
    ...(takesInput === undefined ? {} : { 400: "The request is not as described here; `errors` says where." }),
    ...(body === undefined ? {} : { 413: "The body is over 16 KB." }),
    ...(body?.others === "refused" ? { 415: "The body is not JSON." } : {}),
    ...problems,
    default: "Anything else that went wrong.",
  };
  return {
    ...mapValues(operation.answers, (answer) => responseOf(answer, schemas)),
    ...mapValues(meant, problem),
  };
}

function responseOf({ description, schema, type = "application/json", headers }: OperationAnswer, schemas: SchemaPool) {
  return {
    description,
    ...(headers === undefined
      ? {}
      : { headers: mapValues(headers, (meaning) => ({ description: meaning, schema: { type: "string" } })) }),
    ...(schema === undefined ? {} : { content: { [type]: { schema: schemas.of(schema, "output") } } }),
  };
}

function pathParameters({ path, params }: Operation, schemas: SchemaPool) {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return names.map((name) => {
    const schema = params?.shape[name];
    return {
      name,
      in: "path",
      required: true,
      schema: schema instanceof z.ZodType ? schemas.of(schema, "input") : { type: "string" },
    };
  });
}

function parametersOf(object: z.ZodObject | undefined, place: "query" | "header", schemas: SchemaPool) {
  if (object === undefined) return [];
  const { required = [] } = z.toJSONSchema(object, { io: "input", unrepresentable: "any" });
  return Object.entries(object.shape).map(([name, schema]) => {
    const { description, ...described } = schemas.of(schema as z.ZodType, "input");
    return {
      name: place === "header" ? titleCase(name) : name,
      in: place,
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: described,
    };
  });
}

/**
 * Collects the named schemas. One that its users see differently than its makers (a default makes a member optional to
 * send, and certain to receive) is there twice: as `Order`, received, and as `OrderInput`, sent.
 */
class SchemaPool {
  readonly components: Record<string, JsonSchema> = {};

  of(schema: z.ZodType, io: "input" | "output"): JsonSchema {
    // Wrapped, because zod names what is used, and leaves the outermost schema without a name.
    const { $defs = {}, properties = {} } = z.toJSONSchema(z.object({ it: schema.optional() }), {
      io,
      unrepresentable: "any",
      // JSON Schema has no such format: what else the schema says of the text is enough.
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

  /** Its own name; another one only when that stands for something else already. */
  readonly #texts = new Map<string, string>();
  #nameFor(name: string, text: string, io: "input" | "output"): string {
    // zod numbers what has no name and yet refers to itself.
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

function titleCase(header: string): string {
  return header.replaceAll(/(^|-)([a-z])/g, (letter) => letter.toUpperCase());
}

function mapValues<In, Out>(
  object: Readonly<Record<string, In>>,
  map: (value: In, key: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}
