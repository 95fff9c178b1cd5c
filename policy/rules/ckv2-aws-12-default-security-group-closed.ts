import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { relatedResources } from "../related-resources";
import { rule } from "../rule";

const isEmpty = (rules: unknown) => rules === undefined || (Array.isArray(rules) && rules.length === 0);

/** The default security group of every VPC allows nothing. CKV2_AWS_12. */
export const defaultSecurityGroupClosed = rule(Vpc, {
  id: "CKV2_AWS_12",
  title: "The default security group of every VPC allows nothing",
  complies: (vpc, stack) =>
    relatedResources(vpc, stack, DefaultSecurityGroup, ({ vpcIdInput }) => vpcIdInput).some(
      ({ ingressInput, egressInput }) => isEmpty(ingressInput) && isEmpty(egressInput),
    ),
  remedy: "manage the default security group without any rule",
});
