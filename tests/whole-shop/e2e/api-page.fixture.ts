/** The parts of an OpenAPI document that the page shows. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
}

interface DescribedOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  /** Reach by role. If absent, every caller has `all`. A role that is not listed has the guest's reach. */
  readonly "x-access"?: Readonly<Record<string, "all" | "own">>;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: Schema } } };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly headers?: object }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly description?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Route {
  readonly method: string;
  readonly paths: string[];
  readonly operation: DescribedOperation;
}

/** Answers of any request: the page lists them once, at its head. */
const common = new Set(["400", "401", "413", "415", "default"]);

/**
 * Returns the operations with one of the `tags` as Markdown: the parameters, the answers, and the example for the operation's id.
 *
 * @throws Error if an operation has no example
 */
export function describeApi(
  document: ApiDocument & { readonly components: { readonly schemas: Readonly<Record<string, Schema>> } },
  { tags, examples }: { tags: readonly string[]; examples: ReadonlyMap<string, string> },
): string {
  const resolve = (schema: Schema): Schema =>
    schema.$ref === undefined
      ? schema
      : { ...document.components.schemas[schema.$ref.split("/").at(-1) ?? ""], ...schema };
  return routes(document)
    .filter(({ operation }) => operation.tags.some((tag) => tags.includes(tag)))
    .map((route) => section(route, resolve, examples))
    .join("\n\n");
}

/**
 * Returns one table of all routes, service by service, with the reach of each role.
 *
 * @throws Error if an operation names a role that the shop does not have
 */
export function accessTable(documents: Readonly<Record<string, ApiDocument>>, roles: readonly string[]): string {
  const columns = ["guest", ...roles];
  const rows = Object.entries(documents).flatMap(([service, document]) =>
    routes(document).map(({ method, paths, operation }) => {
      const { "x-access": access } = operation;
      const stray = Object.keys(access ?? {}).find((role) => !columns.includes(role));
      if (stray !== undefined)
        throw new Error(`${operation.operationId} names the role ${stray}, which the shop does not have.`);
      const reaches = columns.map((role) => (access === undefined ? "all" : (access[role] ?? access.guest ?? "")));
      return [service, paths.map((path) => `\`${method.toUpperCase()} ${path}\``).join(", "), ...reaches];
    }),
  );
  const head = ["service", "route", ...columns];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Operations with the same method and summary are one route. */
function routes({ paths }: ApiDocument): Route[] {
  const found: Route[] = [];
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const same = found.find((route) => route.method === method && route.operation.summary === operation.summary);
      if (same) same.paths.push(path);
      else found.push({ method, paths: [path], operation });
    }
  }
  return found;
}

function section(
  { method, paths, operation }: Route,
  resolve: (schema: Schema) => Schema,
  examples: ReadonlyMap<string, string>,
) {
  const { operationId, summary, description, responses } = operation;
  const example = examples.get(operationId);
  if (example === undefined) throw new Error(`${operationId} has no example: make one in the test.`);
  const [path = "", ...others] = paths;
  const also = others.length === 0 ? "" : ` Also ${others.map((other) => `\`${other}\``).join(", ")}.`;
  const answers = Object.entries(responses).filter(([status]) => !common.has(status));
  return [
    `### ${method.toUpperCase()} ${path}`,
    `${summary}.${description === undefined ? "" : ` ${description}`}${also}`,
    table("takes", inputs(operation, resolve)),
    table(
      "answers",
      answers.map(([status, answer]) => [`\`${status}\``, `${answer.description}${headersOf(answer)}`]),
    ),
    `\`\`\`console\n${example}\n\`\`\``,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function inputs({ parameters = [], requestBody }: DescribedOperation, resolve: (schema: Schema) => Schema): string[][] {
  const body = requestBody && resolve(requestBody.content["application/json"].schema);
  return [
    ...parameters.map(({ name, in: place, required, description, schema }) => [
      `${place} \`${name}\``,
      meaning(resolve({ ...(description === undefined ? {} : { description }), ...schema }), required === true),
    ]),
    ...Object.entries(body?.properties ?? {}).map(([name, schema]) => [
      `body \`${name}\``,
      meaning(resolve(schema), body?.required?.includes(name) === true),
    ]),
  ];
}

function meaning(schema: Schema, required: boolean): string {
  const byDefault = schema.default === undefined ? "" : `; by default \`${JSON.stringify(schema.default)}\``;
  const kind = `${kindOf(schema)}${byDefault}`;
  const parts = [schema.description ?? "", required ? "Required." : "", kind === "" ? "" : `${kind}.`];
  return parts.filter((part) => part !== "").join(" ");
}

/** Describes a schema beyond its name; empty for plain text. */
function kindOf({ type, format, enum: values, multipleOf, items, ...range }: Schema): string {
  if (values) return values.map((value) => `\`${value}\``).join(", ");
  if (items)
    return `${bounds(range.minItems, range.maxItems)} of \`{ ${Object.keys(items.properties ?? {}).join(", ")} }\``;
  if (format === "uuid") return "A UUID";
  if (type === "string")
    return range.maxLength === undefined ? "" : `${bounds(range.minLength ?? 0, range.maxLength)} characters`;
  return `${bounds(range.minimum, range.maximum)}${multipleOf === undefined ? "" : `, in steps of ${multipleOf}`}`;
}

const bounds = (min: number | undefined, max: number | undefined): string =>
  min === undefined || max === undefined ? "" : `${min} to ${max}`;

const headersOf = ({ headers }: { readonly headers?: object }): string =>
  headers === undefined
    ? ""
    : ` With ${Object.keys(headers)
        .map((name) => `\`${name}\``)
        .join(", ")}.`;

function table(head: string, lines: readonly (readonly string[])[]): string {
  if (lines.length === 0) return "";
  return [`| ${head} | |`, "|---|---|", ...lines.map((cells) => `| ${cells.join(" | ")} |`)].join("\n");
}
