import { z } from "zod";
import type { Operation, OperationAnswer } from "./operation.ts";
import { type JsonSchema, mapValues, SchemaPool } from "./schema-pool.ts";
import { accessProblems, securityOf, securitySchemes } from "./security.ts";

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
  /** Members that the service adds to some of its problems, by name (`addProblemMembers`). */
  readonly problemMembers?: Readonly<Record<string, z.ZodType>>;
}

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
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes?: Readonly<Record<string, unknown>>;
  };
}

/** The body of every failed request's response (RFC 9457). */
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
      "A problem (RFC 9457). `detail` names it and says what to do, `instance` is the request's id, and `errors` points at each bad value.",
  });

/**
 * Returns the OpenAPI 3.1 document of the operations, made of the schemas that validate their requests. A schema with
 * `.meta({ id })` becomes a component of that name.
 *
 * @throws Error if two operations have the same id, or the same method and path.
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
  const isProtected = apis.some(({ operations }) => operations.some(({ access }) => access !== "public"));
  const tags = [...new Set(apis.map(({ tag }) => tag))].map((name) => ({ name }));
  return {
    openapi: "3.1.0",
    info,
    tags,
    paths,
    components: {
      schemas: withMembers(schemas.components, problemMembers),
      ...(isProtected ? { securitySchemes } : {}),
    },
  };
}

/** Adds the members as optional ones: not every problem of the service has the subject that they describe. */
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
    ...securityOf(operation.access),
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
  const { params, query, headers, body, access, problems = {} } = operation;
  const takesInput = params ?? query ?? headers ?? body;
  const meant: Record<string, string> = {
    ...(takesInput === undefined
      ? {}
      : { 400: "The request is not as described here; `errors` points at each bad value." }),
    ...accessProblems(access),
    ...(body === undefined ? {} : { 413: "The body is over 16 KB." }),
    ...(body?.others === "refused" ? { 415: "The body is not JSON." } : {}),
    ...problems,
    default: "Any other problem.",
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

function titleCase(header: string): string {
  return header.replaceAll(/(^|-)([a-z])/g, (letter) => letter.toUpperCase());
}
