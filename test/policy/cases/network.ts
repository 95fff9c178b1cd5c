import { CloudfrontDistribution } from "@cdktf/provider-aws/lib/cloudfront-distribution";
import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import type { DefaultSecurityGroupConfig } from "@cdktf/provider-aws/lib/default-security-group";
import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import { Lb } from "@cdktf/provider-aws/lib/lb";
import type { LbConfig } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import type { LbListenerConfig } from "@cdktf/provider-aws/lib/lb-listener";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { SecurityGroupRule } from "@cdktf/provider-aws/lib/security-group-rule";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Wafv2WebAcl } from "@cdktf/provider-aws/lib/wafv2-web-acl";
import { Wafv2WebAclLoggingConfiguration } from "@cdktf/provider-aws/lib/wafv2-web-acl-logging-configuration";
import type { TerraformStack } from "cdktf";
import type { Build, Cases } from "./case";

const vpc =
  (related?: (stack: TerraformStack, vpcId: string) => unknown): Build =>
  (stack) => {
    const found = new Vpc(stack, "Vpc", {});
    related?.(stack, found.id);
    return found;
  };

const flowLog = (trafficType: string) => (stack: TerraformStack, vpcId: string) =>
  new FlowLog(stack, "FlowLog", { vpcId, trafficType });

const defaultGroup = (config: DefaultSecurityGroupConfig) => (stack: TerraformStack, vpcId: string) =>
  new DefaultSecurityGroup(stack, "Default", { vpcId, ...config });

const subnet =
  (mapPublicIpOnLaunch?: boolean): Build =>
  (stack) =>
    new Subnet(stack, "Subnet", { vpcId: "vpc", mapPublicIpOnLaunch });

const group = (stack: TerraformStack, name: string) => new SecurityGroup(stack, "Group", { tags: { Name: name } });

/** A rule of a group that is named as given. */
const ingress =
  (name: string, from: { cidrIpv4?: string; cidrIpv6?: string }, fromPort: number, toPort = fromPort): Build =>
  (stack) =>
    new VpcSecurityGroupIngressRule(stack, "Rule", {
      securityGroupId: group(stack, name).id,
      ipProtocol: "tcp",
      fromPort,
      toPort,
      ...from,
    });

const everyone = { cidrIpv4: "0.0.0.0/0" };
const balancerName = "bist-trading-prod-load-balancer";

const balancer =
  (config: LbConfig): Build =>
  (stack) =>
    new Lb(stack, "LoadBalancer", config);

const listener =
  (config: Partial<LbListenerConfig>): Build =>
  (stack) =>
    new LbListener(stack, "Listener", { loadBalancerArn: "lb", defaultAction: [{ type: "forward" }], ...config });

const redirect = (protocol: string) => [{ type: "redirect", redirect: { protocol, statusCode: "HTTP_301" } }];

const distribution =
  (minimumProtocolVersion?: string): Build =>
  (stack) =>
    new CloudfrontDistribution(stack, "Distribution", {
      enabled: true,
      origin: [],
      restrictions: { geoRestriction: { restrictionType: "none" } },
      defaultCacheBehavior: {
        allowedMethods: ["GET"],
        cachedMethods: ["GET"],
        targetOriginId: "origin",
        viewerProtocolPolicy: "https-only",
      },
      viewerCertificate: { minimumProtocolVersion },
    });

const webAcl =
  (logged: boolean): Build =>
  (stack) => {
    const acl = new Wafv2WebAcl(stack, "Acl", {
      scope: "REGIONAL",
      defaultAction: { allow: {} },
      visibilityConfig: { cloudwatchMetricsEnabled: true, metricName: "acl", sampledRequestsEnabled: true },
    });
    if (logged) {
      new Wafv2WebAclLoggingConfiguration(stack, "Logging", { resourceArn: acl.arn, logDestinationConfigs: ["logs"] });
    }
    return acl;
  };

export const cases: Cases = {
  CKV2_AWS_11: { complies: [vpc(flowLog("ALL"))], violates: [vpc(flowLog("REJECT")), vpc()] },
  CKV2_AWS_12: {
    complies: [vpc(defaultGroup({})), vpc(defaultGroup({ ingress: [], egress: [] }))],
    violates: [vpc(), vpc(defaultGroup({ egress: [{ fromPort: 0, toPort: 0, protocol: "-1" }] }))],
  },
  CKV_AWS_130: { complies: [subnet(false), subnet()], violates: [subnet(true)] },
  CKV_AWS_277: {
    complies: [
      ingress(balancerName, everyone, 80),
      ingress(balancerName, everyone, 443),
      ingress("nodes", { cidrIpv4: "203.0.113.0/24" }, 22),
      (stack) => group(stack, "nodes"),
      (stack) =>
        new SecurityGroupRule(stack, "Egress", {
          type: "egress",
          securityGroupId: group(stack, "nodes").id,
          protocol: "-1",
          fromPort: 0,
          toPort: 0,
          cidrBlocks: ["0.0.0.0/0"],
        }),
    ],
    violates: [
      ingress(balancerName, everyone, 22),
      ingress(balancerName, everyone, 80, 443),
      ingress(balancerName, { cidrIpv6: "::/0" }, 3389),
      ingress("nodes", everyone, 443),
      (stack) =>
        new SecurityGroup(stack, "Inline", {
          tags: { Name: "nodes" },
          ingress: [{ fromPort: 443, toPort: 443, protocol: "tcp", cidrBlocks: ["0.0.0.0/0"] }],
        }),
      (stack) =>
        new SecurityGroupRule(stack, "Old", {
          type: "ingress",
          securityGroupId: group(stack, "nodes").id,
          protocol: "tcp",
          fromPort: 443,
          toPort: 443,
          ipv6CidrBlocks: ["::/0"],
        }),
    ],
  },
  CKV_AWS_150: {
    complies: [balancer({ enableDeletionProtection: true })],
    violates: [balancer({ enableDeletionProtection: false }), balancer({})],
  },
  CKV_AWS_91: {
    complies: [balancer({ accessLogs: { bucket: "logs", enabled: true } })],
    violates: [balancer({ accessLogs: { bucket: "logs", enabled: false } }), balancer({})],
  },
  CKV_AWS_131: {
    complies: [balancer({ dropInvalidHeaderFields: true })],
    violates: [balancer({ dropInvalidHeaderFields: false }), balancer({})],
  },
  CKV_AWS_103: {
    complies: [
      listener({ protocol: "HTTPS", sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06" }),
      listener({ protocol: "HTTPS", sslPolicy: "ELBSecurityPolicy-FS-1-2-Res-2020-10" }),
      listener({ protocol: "HTTP" }),
    ],
    violates: [
      listener({ protocol: "HTTPS", sslPolicy: "ELBSecurityPolicy-TLS13-1-0-2021-06" }),
      listener({ protocol: "HTTPS", sslPolicy: "ELBSecurityPolicy-2016-08" }),
      listener({ protocol: "HTTPS" }),
    ],
  },
  CKV_AWS_2: {
    complies: [listener({ protocol: "HTTP", defaultAction: redirect("HTTPS") }), listener({ protocol: "HTTPS" })],
    violates: [listener({ protocol: "HTTP", defaultAction: redirect("HTTP") }), listener({ protocol: "HTTP" })],
  },
  CKV_AWS_174: {
    complies: [distribution("TLSv1.2_2021"), distribution("TLSv1.3_2025")],
    violates: [distribution("TLSv1.1_2016"), distribution("TLSv1"), distribution()],
  },
  CKV2_AWS_31: { complies: [webAcl(true)], violates: [webAcl(false)] },
};
