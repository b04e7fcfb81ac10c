import { RemovalPolicy } from "aws-cdk-lib";
import { FlowLogDestination, GatewayVpcEndpointAwsService, IpAddresses, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { Settings } from "../stage.ts";

/** Two zones, each with a public subnet for the load balancer and a private one for the tasks. */
export function network(scope: Construct, { natGateways }: Pick<Settings, "natGateways">): Vpc {
  const vpc = new Vpc(scope, "Network", {
    ipAddresses: IpAddresses.cidr("10.0.0.0/16"),
    maxAzs: 2,
    natGateways,
    // Nothing uses the default group, and restricting it would take a function of its own.
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [
      { name: "public", subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
      { name: "private", subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    ],
  });
  // Most traffic goes to DynamoDB. Through these endpoints it costs nothing and leaves the gateways alone.
  vpc.addGatewayEndpoint("DynamoDb", { service: GatewayVpcEndpointAwsService.DYNAMODB });
  vpc.addGatewayEndpoint("S3", { service: GatewayVpcEndpointAwsService.S3 });
  const logGroup = new LogGroup(scope, "FlowLogs", {
    retention: RetentionDays.ONE_WEEK,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  vpc.addFlowLog("FlowLog", { destination: FlowLogDestination.toCloudWatchLogs(logGroup) });
  return vpc;
}
