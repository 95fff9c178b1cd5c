import { DataAwsEc2ManagedPrefixList } from "@cdktf/provider-aws/lib/data-aws-ec2-managed-prefix-list";
import { TerraformLocal } from "cdktf";
import { Construct } from "constructs";
import { CLOUDFRONT_PREFIX_LIST } from "../../aws/network/security-groups";

export interface TrustedProxiesProps {
  /** Where the load balancer's addresses are. */
  readonly publicSubnets: readonly string[];
  /** Whether CloudFront stands before the load balancer. */
  readonly cloudFront: boolean;
}

/** Whose `X-Forwarded-For` tells the address of a client: the load balancer's, and CloudFront's where it is in front. */
export class TrustedProxies extends Construct {
  /** Networks, separated by commas. */
  readonly networks: string;

  constructor(scope: Construct, id: string, { publicSubnets, cloudFront }: TrustedProxiesProps) {
    super(scope, id);
    this.networks = [...publicSubnets, ...(cloudFront ? [this.cloudFrontNetworks()] : [])].join(",");
  }

  /** AWS's own list: a plan shows it when it changes. */
  private cloudFrontNetworks(): string {
    const list = new DataAwsEc2ManagedPrefixList(this, "CloudFront", { name: CLOUDFRONT_PREFIX_LIST });
    const networks = `\${join(",", sort([for entry in ${list.fqn}.entries : entry.cidr]))}`;
    return new TerraformLocal(this, "CloudFrontNetworks", networks).asString;
  }
}
