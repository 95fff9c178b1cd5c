import { Lb } from "@cdktf/provider-aws/lib/lb";
import { known, rule } from "../rule";

/** Every load balancer drops malformed headers. CKV_AWS_131. */
export const loadBalancerDropsInvalidHeaders = rule(Lb, {
  id: "CKV_AWS_131",
  title: "Every load balancer drops malformed headers",
  complies: (balancer) => known(balancer.dropInvalidHeaderFieldsInput) === true,
  remedy: "set `dropInvalidHeaderFields` to true",
});
