import type { App } from "cdktf";
import type { ServiceKey } from "../app/packages/contract/services";
import type { Environment } from "../config";
import { Certificate } from "../constructs/aws/certificate/certificate";
import { HostedZone } from "../constructs/aws/dns/hosted-zone";
import { PublicEntry } from "../constructs/aws/edge/public-entry";
import { LoadBalancer } from "../constructs/aws/edge/load-balancer";
import { ReleaseParameter } from "../constructs/aws/edge/release-parameter";
import { Routing } from "../constructs/aws/edge/routing";
import { TargetGroups } from "../constructs/aws/edge/target-groups";
import { releaseParameterName } from "../config/names";
import type { NetworkOutputs } from "./network-stack";
import { EnvironmentStack } from "./environment-stack";

/** Where requests come in, and what the application and its releases need to know of it. */
export interface EdgeOutputs {
  readonly loadBalancer: {
    readonly arn: string;
    readonly dnsName: string;
    readonly zoneId: string;
    readonly securityGroup: string;
  };
  /** ARN of the HTTPS listener, whose weighted rules a release changes. */
  readonly listenerArn: string;
  readonly certificateArn: string;
  readonly zoneId: string;
  /** Separated by spaces; to be entered at the registrar or in the parent zone. */
  readonly nameServers: string;
  /** ARNs. */
  readonly targetGroups: Readonly<Record<ServiceKey, { readonly blue: string; readonly green: string }>>;
  /** ARN of Grafana's. */
  readonly monitorTargetGroup: string;
  /** Name of the SSM parameter that says what is released. */
  readonly releaseParameter: string;
}

/** How clients reach the platform from the internet. */
export class EdgeStack extends EnvironmentStack {
  readonly outputs: EdgeOutputs;

  constructor(app: App, environment: Environment, network: NetworkOutputs) {
    super(app, environment, "edge");
    const { aws: account, edge, operators, prefix, protectData: protection } = environment;

    const zone = new HostedZone(this, "Zone", { domain: edge.domain, protection });
    const certificate = new Certificate(this, "Certificate", {
      hosts: Object.values(edge.hosts),
      provenBy: zone,
    });
    const loadBalancer = new LoadBalancer(this, "LoadBalancer", {
      name: prefix,
      account,
      subnets: network.subnets.public,
      securityGroup: network.securityGroups.loadBalancer,
      certificateArn: certificate.arn,
      tlsPolicy: edge.tlsPolicy,
      idleTimeoutSeconds: edge.idleTimeoutSeconds,
      accessLogRetentionDays: edge.accessLogRetentionDays,
      protection,
    });
    const targetGroups = new TargetGroups(this, "TargetGroups", {
      prefix,
      vpcId: network.vpcId,
      drainSeconds: edge.drainSeconds,
    });
    const release = new ReleaseParameter(this, "Release", { name: releaseParameterName(prefix), protection });
    new Routing(this, "Routing", {
      listenerArn: loadBalancer.listenerArn,
      hosts: edge.hosts,
      targetGroups,
      release,
      administratorCidrs: operators.cidrs,
      seesClientAddress: !edge.cloudFront,
      maintenance: edge.maintenance,
    });
    new PublicEntry(this, "FrontDoor", {
      name: prefix,
      account,
      hosts: edge.hosts,
      zoneId: zone.zoneId,
      loadBalancer,
      certificate,
      cloudFront: edge.cloudFront,
      globalProvider: () => this.globalProvider(),
      administratorCidrs: operators.cidrs,
      requestsPerFiveMinutes: edge.webAcl.requestsPerFiveMinutes,
      webAclLogRetentionDays: edge.webAcl.logRetentionDays,
      protection,
    });

    this.outputs = this.share({
      loadBalancer: {
        arn: loadBalancer.arn,
        dnsName: loadBalancer.dnsName,
        zoneId: loadBalancer.zoneId,
        securityGroup: loadBalancer.securityGroup,
      },
      listenerArn: loadBalancer.listenerArn,
      certificateArn: certificate.arn,
      zoneId: zone.zoneId,
      nameServers: zone.nameServers,
      targetGroups: targetGroups.services,
      monitorTargetGroup: targetGroups.monitor,
      releaseParameter: release.name,
    });
  }
}
