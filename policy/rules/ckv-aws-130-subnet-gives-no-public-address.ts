import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { known, rule } from "../rule";

/** No subnet hands out public addresses by itself. CKV_AWS_130. */
export const subnetGivesNoPublicAddress = rule(Subnet, {
  id: "CKV_AWS_130",
  title: "No subnet hands out public addresses by itself",
  complies: (subnet) => known(subnet.mapPublicIpOnLaunchInput) !== true,
  remedy: "remove `mapPublicIpOnLaunch`; load balancer and NAT gateways bring their own",
});
