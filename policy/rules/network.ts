import { CloudfrontDistribution } from "@cdktf/provider-aws/lib/cloudfront-distribution";
import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { SecurityGroupRule } from "@cdktf/provider-aws/lib/security-group-rule";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Wafv2WebAcl } from "@cdktf/provider-aws/lib/wafv2-web-acl";
import { Wafv2WebAclLoggingConfiguration } from "@cdktf/provider-aws/lib/wafv2-web-acl-logging-configuration";
import type { IResolvable, TerraformStack } from "cdktf";
import { refersTo, relatedResources, resourcesOf } from "../related-resources";
import { known, rule } from "../rule";

export const vpcFlowLogged = rule(Vpc, {
  id: "CKV2_AWS_11",
  title: "Every VPC records its traffic",
  complies: (vpc, stack) =>
    relatedResources(vpc, stack, FlowLog, ({ vpcIdInput }) => vpcIdInput).some(
      ({ trafficTypeInput }) => trafficTypeInput === "ALL",
    ),
  remedy: "add a flow log of traffic type ALL",
});

const isEmpty = (rules: unknown) => rules === undefined || (Array.isArray(rules) && rules.length === 0);

export const defaultSecurityGroupClosed = rule(Vpc, {
  id: "CKV2_AWS_12",
  title: "The default security group of every VPC allows nothing",
  complies: (vpc, stack) =>
    relatedResources(vpc, stack, DefaultSecurityGroup, ({ vpcIdInput }) => vpcIdInput).some(
      ({ ingressInput, egressInput }) => isEmpty(ingressInput) && isEmpty(egressInput),
    ),
  remedy: "manage the default security group without any rule",
});

export const subnetGivesNoPublicAddress = rule(Subnet, {
  id: "CKV_AWS_130",
  title: "No subnet hands out public addresses by itself",
  complies: (subnet) => known(subnet.mapPublicIpOnLaunchInput) !== true,
  remedy: "remove `mapPublicIpOnLaunch`; load balancer and NAT gateways bring their own",
});

export const loadBalancerDeletionProtected = rule(Lb, {
  id: "CKV_AWS_150",
  title: "Every load balancer is protected from deletion",
  complies: (balancer) => known(balancer.enableDeletionProtectionInput) === true,
  remedy: "pass `protection: true`, or an opt-out with its reason",
  optOut: "enable_deletion_protection",
});

export const loadBalancerLogged = rule(Lb, {
  id: "CKV_AWS_91",
  title: "Every load balancer logs its requests",
  complies: (balancer) => known(balancer.accessLogsInput?.enabled) === true,
  remedy: "set `accessLogs: { bucket, enabled: true }`",
});

export const loadBalancerDropsInvalidHeaders = rule(Lb, {
  id: "CKV_AWS_131",
  title: "Every load balancer drops malformed headers",
  complies: (balancer) => known(balancer.dropInvalidHeaderFieldsInput) === true,
  remedy: "set `dropInvalidHeaderFields` to true",
});

export const listenerTlsPolicyModern = rule(LbListener, {
  id: "CKV_AWS_103",
  title: "Every HTTPS listener refuses TLS below 1.2",
  complies: (listener) =>
    known(listener.protocolInput) !== "HTTPS" ||
    /-TLS13-1-[23]-|-FS-1-2-|-TLS-1-2-/.test(known(listener.sslPolicyInput) ?? ""),
  remedy: "use a TLS 1.2 or 1.3 policy in `edge.tlsPolicy`",
});

export const listenerHttpRedirects = rule(LbListener, {
  id: "CKV_AWS_2",
  title: "A listener without TLS does nothing but redirect to HTTPS",
  complies: (listener) =>
    known(listener.protocolInput) !== "HTTP" ||
    known(listener.defaultActionInput)?.every(
      ({ type, redirect }) => type === "redirect" && redirect?.protocol === "HTTPS",
    ) === true,
  remedy: "redirect to HTTPS with status 301",
});

export const distributionTlsPolicyModern = rule(CloudfrontDistribution, {
  id: "CKV_AWS_174",
  title: "Every distribution refuses TLS below 1.2",
  complies: ({ viewerCertificateInput }) => /^TLSv1\.[23]_/.test(viewerCertificateInput?.minimumProtocolVersion ?? ""),
  remedy: "set `viewerCertificate.minimumProtocolVersion` to TLSv1.2_2021 or later",
});

export const webAclLogged = rule(Wafv2WebAcl, {
  id: "CKV2_AWS_31",
  title: "Every web ACL logs what it decides",
  complies: (acl, stack) =>
    relatedResources(acl, stack, Wafv2WebAclLoggingConfiguration, ({ resourceArnInput: arn }) => arn).length > 0,
  remedy: "add a logging configuration",
});

/** What any of the three ways to write a rule lets in. */
interface Opening {
  readonly cidrs: readonly (string | undefined)[];
  readonly fromPort: number | undefined;
  readonly toPort: number | undefined;
}

const isInternet = ({ cidrs }: Opening) => cidrs.some((cidr) => known(cidr)?.endsWith("/0"));
const isWeb = ({ fromPort, toPort }: Opening) => fromPort === toPort && (fromPort === 80 || fromPort === 443);

/** Covers CKV_AWS_24, CKV_AWS_25 and CKV_AWS_260 too. */
export const internetReachesLoadBalancerOnly = rule<SecurityGroup | SecurityGroupRule | VpcSecurityGroupIngressRule>(
  [SecurityGroup, SecurityGroupRule, VpcSecurityGroupIngressRule],
  {
    id: "CKV_AWS_277",
    title: "The Internet reaches ports 80 and 443 of the load balancer and nothing else",
    complies: (element, stack) =>
      openings(element)
        .filter(isInternet)
        .every((opening) => isWeb(opening) && isLoadBalancer(element, stack)),
    remedy: "name who may reach it in the firewall table",
  },
);

function openings(element: SecurityGroup | SecurityGroupRule | VpcSecurityGroupIngressRule): readonly Opening[] {
  if (element instanceof SecurityGroup) return inline(element.ingressInput);
  if (element instanceof VpcSecurityGroupIngressRule) {
    return [
      {
        cidrs: [element.cidrIpv4Input, element.cidrIpv6Input],
        fromPort: element.fromPortInput,
        toPort: element.toPortInput,
      },
    ];
  }
  if (element.typeInput !== "ingress") return [];
  const cidrs = [...(element.cidrBlocksInput ?? []), ...(element.ipv6CidrBlocksInput ?? [])];
  return [{ cidrs, fromPort: element.fromPortInput, toPort: element.toPortInput }];
}

function inline(ingress: SecurityGroup["ingressInput"] | IResolvable): readonly Opening[] {
  const rules = known(ingress) ?? [];
  return rules.map(({ cidrBlocks = [], ipv6CidrBlocks = [], fromPort, toPort }) => ({
    cidrs: [...cidrBlocks, ...ipv6CidrBlocks],
    fromPort,
    toPort,
  }));
}

/** The load balancer's group is the one that is named for it. */
function isLoadBalancer(
  element: SecurityGroup | SecurityGroupRule | VpcSecurityGroupIngressRule,
  stack: TerraformStack,
): boolean {
  const group =
    element instanceof SecurityGroup
      ? element
      : resourcesOf(stack, SecurityGroup).find((candidate) => refersTo(element.securityGroupIdInput, candidate));
  return group?.tagsInput?.["Name"]?.endsWith("-load-balancer") === true;
}
