import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { SecurityGroupRule } from "@cdktf/provider-aws/lib/security-group-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import type { IResolvable, TerraformStack } from "cdktf";
import { refersTo, resourcesOf } from "../related-resources";
import { known, rule } from "../rule";

/** What any of the three ways to write a rule lets in. */
interface Opening {
  readonly cidrs: readonly (string | undefined)[];
  readonly fromPort: number | undefined;
  readonly toPort: number | undefined;
}

const isInternet = ({ cidrs }: Opening) => cidrs.some((cidr) => known(cidr)?.endsWith("/0"));
const isWeb = ({ fromPort, toPort }: Opening) => fromPort === toPort && (fromPort === 80 || fromPort === 443);

/** The Internet reaches ports 80 and 443 of the load balancer and nothing else. CKV_AWS_277, with CKV_AWS_24, 25, 260. */
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
