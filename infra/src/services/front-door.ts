import { Aws, Duration, RemovalPolicy } from "aws-cdk-lib";
import type { Vpc } from "aws-cdk-lib/aws-ec2";
import {
  type ApplicationListener,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  DesyncMitigationMode,
  ListenerAction,
  SslPolicy,
} from "aws-cdk-lib/aws-elasticloadbalancingv2";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption } from "aws-cdk-lib/aws-s3";
import { CfnWebACL, CfnWebACLAssociation } from "aws-cdk-lib/aws-wafv2";
import { Construct } from "constructs";
import type { Settings } from "../stage.ts";

/**
 * Seconds after which the load balancer ends a request whose answer has not begun. Callers wait for their order on an open
 * connection, so it is the longest that there is.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
 */
export const idleSeconds = 4_000;

/**
 * Requests of one address in five minutes, beyond which it gets 429. Far above what a service admits of one address, so that it
 * stops floods only.
 */
const requestsPerAddress = 10_000;

/** The load balancer, its log, and the firewall in front of it. Each service adds its routes to `listener`. */
export class FrontDoor extends Construct {
  readonly balancer: ApplicationLoadBalancer;
  readonly listener: ApplicationListener;
  readonly accessLogs: Bucket;
  /** Where callers find the shop, without a slash at the end. */
  readonly url: string;

  constructor(scope: Construct, id: string, vpc: Vpc, settings: Settings) {
    super(scope, id);
    this.balancer = new ApplicationLoadBalancer(this, "Balancer", {
      vpc,
      internetFacing: true,
      idleTimeout: Duration.seconds(idleSeconds),
      dropInvalidHeaderFields: true,
      desyncMitigationMode: DesyncMitigationMode.DEFENSIVE,
      deletionProtection: settings.keepsData,
    });
    this.url =
      settings.certificate === undefined
        ? `http://${this.balancer.loadBalancerDnsName}`
        : `https://${settings.domain ?? this.balancer.loadBalancerDnsName}`;
    this.listener = this.#listener(settings.certificate);
    this.accessLogs = this.#log(settings);
    this.#firewall();
  }

  #listener(certificate: string | undefined): ApplicationListener {
    const body = JSON.stringify({ title: "Not Found", status: 404, detail: "No service answers at this path." });
    const defaultAction = ListenerAction.fixedResponse(404, { contentType: "application/json", messageBody: body });
    if (certificate === undefined) return this.balancer.addListener("Http", { port: 80, defaultAction });
    this.balancer.addRedirect();
    return this.balancer.addListener("Https", {
      port: 443,
      protocol: ApplicationProtocol.HTTPS,
      certificates: [{ certificateArn: certificate }],
      sslPolicy: SslPolicy.RECOMMENDED_TLS,
      defaultAction,
    });
  }

  /** By hand, because the CDK's own way needs to know the region when it makes the template. */
  #log({ keepsData }: Settings): Bucket {
    const bucket = new Bucket(this, "AccessLogs", {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ id: "expire", expiration: Duration.days(90) }],
      removalPolicy: keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    bucket.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("logdelivery.elasticloadbalancing.amazonaws.com")],
        actions: ["s3:PutObject"],
        resources: [bucket.arnForObjects(`AWSLogs/${Aws.ACCOUNT_ID}/*`)],
      }),
    );
    this.balancer.setAttribute("access_logs.s3.enabled", "true");
    this.balancer.setAttribute("access_logs.s3.bucket", bucket.bucketName);
    // The balancer writes a first object when it gets these attributes.
    if (bucket.policy) this.balancer.node.addDependency(bucket.policy);
    return bucket;
  }

  #firewall(): void {
    const seen = (metricName: string) => ({
      cloudWatchMetricsEnabled: true,
      sampledRequestsEnabled: true,
      metricName,
    });
    const acl = new CfnWebACL(this, "Firewall", {
      scope: "REGIONAL",
      defaultAction: { allow: {} },
      visibilityConfig: seen("firewall"),
      rules: [
        {
          name: "rate-per-address",
          priority: 0,
          action: { block: { customResponse: { responseCode: 429 } } },
          statement: {
            rateBasedStatement: { aggregateKeyType: "IP", limit: requestsPerAddress, evaluationWindowSec: 300 },
          },
          visibilityConfig: seen("rate-per-address"),
        },
      ],
    });
    new CfnWebACLAssociation(this, "FirewallOfBalancer", {
      resourceArn: this.balancer.loadBalancerArn,
      webAclArn: acl.attrArn,
    });
  }
}
