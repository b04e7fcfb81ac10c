// Stands in for aws-cdk-lib, whose 160 MB are more than one example of the docs is worth: it keeps what a stack is made of.

export class Stack {
  resources = {};
}

class Construct {
  dependsOn = [];
  node = { addDependency: (...others) => this.dependsOn.push(...others.map(({ ref }) => ref)) };

  constructor(stack, name, { type = "AWS::Lambda::Function", properties }) {
    this.ref = name;
    stack.resources[name] = { type, properties, dependsOn: this.dependsOn, keep: () => this.kept };
  }
}

export class CfnResource extends Construct {
  kept = false;

  getAtt(attribute) {
    return { toString: () => `${this.ref}.${attribute}` };
  }

  applyRemovalPolicy(policy) {
    this.kept = policy === RemovalPolicy.RETAIN;
  }
}

class LambdaFunction extends Construct {
  rights = [];

  constructor(stack, name, properties) {
    super(stack, name, { properties: { ...properties, rights: [] } });
    this.functionName = name;
    this.rights = stack.resources[name].properties.rights;
  }

  addToRolePolicy({ actions, resources }) {
    this.rights.push(...actions.map((action) => `${action} ${resources}`));
  }
}

export class PolicyStatement {
  constructor(statement) {
    Object.assign(this, statement);
  }
}

export const RemovalPolicy = { RETAIN: "retain" };
export const Duration = { seconds: (amount) => amount };
export const Runtime = { NODEJS_22_X: "nodejs22.x" };
export const Code = { fromAsset: (path) => path };
export { LambdaFunction as Function };
