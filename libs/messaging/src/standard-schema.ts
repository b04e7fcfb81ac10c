/**
 * The part of the Standard Schema v1 interface (https://standardschema.dev) that this library calls. Zod, Valibot,
 * ArkType and others implement it, so an adopter brings the schema library they have and this one depends on none.
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

/** The value did not have the shape that its event's schema asks for. Retrying changes nothing. */
export class InvalidEventData extends Error {
  override readonly name = "InvalidEventData";
  readonly issues: readonly string[];

  constructor(type: string, issues: readonly string[]) {
    super(`The data of ${type} does not match its schema: ${issues.join("; ")}.`);
    this.issues = issues;
  }
}

/**
 * Returns the value as the schema gives it back (unknown keys stripped, if the schema does so).
 * @throws InvalidEventData naming each offending field.
 */
export async function validated<Output>(
  type: string,
  schema: StandardSchema<unknown, Output>,
  value: unknown,
): Promise<Output> {
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return result.value;
  throw new InvalidEventData(type, result.issues.map(describeIssue));
}

function describeIssue({ path = [], message }: ValidationIssue): string {
  const steps = path.map((step) => String(typeof step === "object" ? step.key : step));
  return steps.length === 0 ? message : `${steps.join(".")}: ${message}`;
}
