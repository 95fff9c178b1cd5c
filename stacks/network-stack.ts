import type { App } from "cdktf";
import type { Environment } from "../config";
import { EncryptionKey } from "../constructs/aws/encryption/encryption-key";
import { DatabaseAcl } from "../constructs/aws/network/database-acl";
import { Endpoints } from "../constructs/aws/network/endpoints";
import { entranceOf } from "../constructs/aws/network/firewall";
import type { Group } from "../constructs/aws/network/firewall";
import { FlowLog } from "../constructs/aws/network/flow-log";
import { Network } from "../constructs/aws/network/network";
import { SecurityGroups } from "../constructs/aws/network/security-groups";
import { EnvironmentStack } from "./environment-stack";

/** What every other stack is placed in. */
export interface NetworkOutputs {
  readonly vpcId: string;
  /** Subnet ids, one a zone, in the order of `aws.availabilityZones`. */
  readonly subnets: {
    readonly public: readonly string[];
    readonly private: readonly string[];
    readonly database: readonly string[];
  };
  /** Every group of the firewall table: its rules are the network's, never added to elsewhere. */
  readonly securityGroups: Readonly<Record<Group, string>>;
}

/** Where everything lives, and who may reach what. */
export class NetworkStack extends EnvironmentStack {
  readonly outputs: NetworkOutputs;

  constructor(app: App, environment: Environment) {
    super(app, environment, "network");
    const { prefix, aws, network: config } = environment;
    const ports = { postgresql: environment.database.port, redis: environment.cache.port };

    const network = new Network(this, "Network", {
      prefix,
      zones: aws.availabilityZones,
      cidr: config.cidr,
      publicSubnets: config.publicSubnets,
      privateSubnets: config.privateSubnets,
      databaseSubnets: config.databaseSubnets,
      natGateways: config.natGateways,
    });
    const { vpcId, subnets } = network;
    const firewall = new SecurityGroups(this, "Firewall", {
      prefix,
      vpcId,
      vpcCidr: config.cidr,
      administratorCidrs: environment.operators.cidrs,
      entrance: entranceOf(environment.edge),
      ports,
    });
    new DatabaseAcl(this, "DatabaseAcl", {
      prefix,
      vpcId,
      vpcCidr: config.cidr,
      subnets: subnets.database,
      cidrs: config.databaseSubnets,
      ports,
    });
    new Endpoints(this, "Endpoints", {
      prefix,
      account: aws,
      vpcId,
      subnets: subnets.private,
      routeTables: network.privateRouteTables,
      securityGroup: firewall.ids.endpoints,
      services: config.interfaceEndpoints,
      isolated: config.natGateways === "none",
    });
    const key = new EncryptionKey(this, "LogKey", {
      alias: `${prefix}/network-logs`,
      description: "Encrypts the VPC's flow log",
      account: aws,
      services: [`logs.${aws.region}.amazonaws.com`],
      protection: environment.protectData,
    });
    new FlowLog(this, "FlowLog", { prefix, account: aws, vpcId, retentionDays: config.flowLogRetentionDays, key });

    this.outputs = this.share({ vpcId, subnets, securityGroups: firewall.ids });
  }
}
