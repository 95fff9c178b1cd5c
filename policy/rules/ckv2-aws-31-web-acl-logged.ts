import { Wafv2WebAcl } from "@cdktf/provider-aws/lib/wafv2-web-acl";
import { Wafv2WebAclLoggingConfiguration } from "@cdktf/provider-aws/lib/wafv2-web-acl-logging-configuration";
import { relatedResources } from "../related-resources";
import { rule } from "../rule";

/** Every web ACL logs what it decides. CKV2_AWS_31. */
export const webAclLogged = rule(Wafv2WebAcl, {
  id: "CKV2_AWS_31",
  title: "Every web ACL logs what it decides",
  complies: (acl, stack) =>
    relatedResources(acl, stack, Wafv2WebAclLoggingConfiguration, ({ resourceArnInput: arn }) => arn).length > 0,
  remedy: "add a logging configuration",
});
