import { Lb } from "@cdktf/provider-aws/lib/lb";
import { known, rule } from "../rule";

/** Every load balancer logs its requests. CKV_AWS_91. */
export const loadBalancerLogged = rule(Lb, {
  id: "CKV_AWS_91",
  title: "Every load balancer logs its requests",
  complies: (balancer) => known(balancer.accessLogsInput?.enabled) === true,
  remedy: "set `accessLogs: { bucket, enabled: true }`",
});
