/**
 * The part of the Standard Schema v1 interface (https://standardschema.dev) that this library calls. Zod, Valibot, ArkType
 * and others implement it, so adopters choose their schema library and this one depends on none.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => ValidationResult<Output> | Promise<ValidationResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type ValidationResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly ValidationIssue[] };

interface ValidationIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** An event's data does not match its schema, or cannot be sent as JSON. A retry does not help. */
export class InvalidEventDataError extends Error {
  override readonly name = "InvalidEventDataError";
  readonly issues: readonly string[];

  constructor(
    type: string,
    issues: readonly string[],
    { problem = "does not match its schema", ...options }: InvalidEventDataOptions = {},
  ) {
    super(`The data of ${type} ${problem}: ${issues.join("; ")}.`, options);
    this.issues = issues;
  }
}

interface InvalidEventDataOptions extends ErrorOptions {
  /** Predicate of a sentence whose subject is the data. */
  readonly problem?: string;
}

/**
 * Returns the value as the schema returns it (without unknown keys, if the schema strips them).
 * @throws InvalidEventDataError naming each offending field.
 */
export async function validated<Output>(
  type: string,
  schema: StandardSchema<unknown, Output>,
  value: unknown,
): Promise<Output> {
  const result = await resultOf(
    () => schema["~standard"].validate(value),
    (reason, cause) => {
      return new InvalidEventDataError(type, [reason], {
        problem: "cannot be validated, because its schema threw",
        cause,
      });
    },
  );
  if (result.issues === undefined) return result.value;
  throw new InvalidEventDataError(type, result.issues.map(describeIssue));
}

/** Calls code of the library's user. When it throws or rejects, `failure` makes an error that names the event. */
export async function resultOf<Result>(
  call: () => Result | Promise<Result>,
  failure: (reason: string, cause: unknown) => InvalidEventDataError,
): Promise<Result> {
  try {
    return await call();
  } catch (cause) {
    throw failure(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function describeIssue({ path = [], message }: ValidationIssue): string {
  const steps = path.map((step) => String(typeof step === "object" ? step.key : step));
  return steps.length === 0 ? message : `${steps.join(".")}: ${message}`;
}
