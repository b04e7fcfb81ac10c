import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Code } from "aws-cdk-lib/aws-lambda";

export const account = "111111111111";

/** A stack for one test, in an account that is known. */
export function testStack(): Stack {
  return new Stack(new App({ analyticsReporting: false }), "Test", { env: { account, region: "eu-central-1" } });
}

/** Code of a function that never runs. */
export const relayCode = { code: Code.fromInline("exports.handler = () => undefined;"), handler: "index.handler" };

export function testRole(stack: Stack, name = "Process"): Role {
  return new Role(stack, name, { assumedBy: new ServicePrincipal("ecs-tasks.amazonaws.com") });
}

export interface Resource {
  readonly id: string;
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
}

/** The resources of a type, with their logical ids. */
export function resourcesOf(stack: Stack, type: string): Resource[] {
  const found = Object.entries(Template.fromStack(stack).findResources(type));
  return found.map(([id, resource]) => ({ ...resource, id }) as Resource);
}

/** The only resource of a type whose logical id begins so. */
export function resource(stack: Stack, type: string, prefix = ""): Resource {
  const found = resourcesOf(stack, type).filter(({ id }) => id.startsWith(prefix));
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new Error(`${found.length} resources ${type} begin with ${prefix}.`);
  return only;
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

/** The actions that the policies of a role allow, a line each: `sns:Publish OutboxTopicAB12`. Sorted. */
export function allowed(stack: Stack, rolePrefix: string): string[] {
  const policies = resourcesOf(stack, "AWS::IAM::Policy").filter(({ Properties }) =>
    JSON.stringify(Properties.Roles).includes(`"Ref":"${rolePrefix}`),
  );
  const lines = policies.flatMap((policy) => statementsOf(policy).flatMap(linesOf));
  return [...new Set(lines)].toSorted();
}

export function statementsOf({ Properties }: Resource, property = "PolicyDocument"): Statement[] {
  return (Properties[property] as { Statement: Statement[] }).Statement;
}

function linesOf({ Action, Resource }: Statement): string[] {
  const resources = Array.isArray(Resource) ? Resource : [Resource];
  return [Action].flat().flatMap((action) => resources.map((each) => `${action} ${nameOf(each)}`));
}

/** `{ "Fn::GetAtt": ["Topic", "Arn"] }` is `Topic`: a logical id without the hash that the CDK adds. */
function nameOf(value: unknown): string {
  if (typeof value === "string") return value;
  const {
    Ref,
    "Fn::GetAtt": attribute,
    "Fn::Join": join,
  } = value as {
    readonly Ref?: string;
    readonly "Fn::GetAtt"?: readonly [string, string];
    readonly "Fn::Join"?: readonly [string, readonly unknown[]];
  };
  if (Ref !== undefined) return withoutHash(Ref);
  if (attribute !== undefined) return `${withoutHash(attribute[0])}${attribute[1] === "Arn" ? "" : `.${attribute[1]}`}`;
  if (join !== undefined) return join[1].map(nameOf).join(join[0]);
  return JSON.stringify(value);
}

const withoutHash = (id: string): string => id.replace(/[0-9A-F]{8}$/, "");
