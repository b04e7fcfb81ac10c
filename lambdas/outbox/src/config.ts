/** The relay's settings, as the deployment gives them in environment variables. */
export interface RelayConfig {
  readonly topicArn: string;
  readonly source: string;
  readonly parkedTable: string;
  readonly failures: "report" | "throw";
  /**
   * - `emf`  writes a line of CloudWatch's embedded metric format for each invocation; deployments to AWS set it
   * - `off`  writes none; the default
   */
  readonly metrics: "emf" | "off";
  /** CloudWatch namespace of these metrics. Shops that share an account need different ones. */
  readonly metricsNamespace: string;
}

/** @throws Error with one sentence that names the variable. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): RelayConfig {
  const required = (name: string, example: string) => {
    const value = env[name];
    if (value !== undefined && value !== "") return value;
    throw new Error(`${name} is not set: set it to a value such as ${example}.`);
  };
  const failures = env.FAILURES ?? "report";
  if (failures !== "report" && failures !== "throw") {
    throw new Error(`FAILURES is "${failures}": set "report", or "throw" for hosts that ignore batch item failures.`);
  }
  const metrics = env.METRICS ?? "off";
  if (metrics !== "emf" && metrics !== "off") {
    throw new Error(`METRICS is "${metrics}": set "emf" for CloudWatch's embedded metric format, or "off".`);
  }
  return {
    topicArn: required("TOPIC_ARN", "arn:aws:sns:eu-central-1:123456789012:shop-notes-events.fifo"),
    source: required("SOURCE", "/shop/notes"),
    parkedTable: required("PARKED_TABLE", "shop-notes-parked"),
    failures,
    metrics,
    metricsNamespace: env.METRICS_NAMESPACE || "Doubleshot",
  };
}
