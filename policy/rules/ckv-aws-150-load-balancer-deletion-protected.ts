import { Lb } from "@cdktf/provider-aws/lib/lb";
import { known, rule } from "../rule";

/** Every load balancer is protected from deletion. CKV_AWS_150. */
export const loadBalancerDeletionProtected = rule(Lb, {
  id: "CKV_AWS_150",
  title: "Every load balancer is protected from deletion",
  complies: (balancer) => known(balancer.enableDeletionProtectionInput) === true,
  remedy: "pass `protection: true`, or an opt-out with its reason",
  optOut: "enable_deletion_protection",
});
