import { Wafv2IpSet } from "@cdktf/provider-aws/lib/wafv2-ip-set";
import { TerraformResource } from "cdktf";
import type { TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import type { IConstruct } from "constructs";
import { Certificate } from "../certificate/certificate";
import { HostRecords } from "../dns/host-records";
import type { Account } from "../../../config/account";
import { COLOUR_HEADER } from "../../../config/names";
import type { Protection } from "../../support/protection";
import { addressRules, contentRules } from "../waf/protections";
import type { Rule } from "../waf/rule";
import { WebAcl } from "../waf/web-acl";
import type { WebAclProps } from "../waf/web-acl";
import { Distribution } from "./distribution";
import type { LoadBalancer } from "./load-balancer";
import type { Hosts } from "./routing";

export interface PublicEntryProps {
  /** Name of the web ACL. */
  readonly name: string;
  readonly account: Account;
  readonly hosts: Hosts;
  readonly zoneId: string;
  readonly loadBalancer: LoadBalancer;
  /** Certificate of the load balancer. */
  readonly certificate: Certificate;
  /** Puts CloudFront in front of the load balancer. */
  readonly cloudFront: boolean;
  /** Provider for us-east-1; asked for only with CloudFront. */
  readonly globalProvider: () => TerraformProvider;
  readonly administratorCidrs: readonly string[];
  readonly requestsPerFiveMinutes: number;
  readonly webAclLogRetentionDays: WebAclProps["logRetentionDays"];
  readonly protection: Protection;
}

/**
 * What a client meets first: the web ACL on the load balancer, or CloudFront with a web ACL of its own. Then the load
 * balancer keeps the rules about what a request says; who sends it, only CloudFront can still tell.
 */
export class PublicEntry extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: PublicEntryProps,
  ) {
    super(scope, id);
    const { cloudFront, zoneId, hosts, loadBalancer } = props;
    const regional = this.webAcl("WebAcl", {
      scope: "REGIONAL",
      name: props.name,
      account: props.account,
      rules: cloudFront ? contentRules : this.allRules("REGIONAL"),
    });
    regional.protect(loadBalancer.arn);
    const target = cloudFront
      ? this.distribution().alias
      : { dnsName: loadBalancer.dnsName, zoneId: loadBalancer.zoneId, ipv6: false };
    new HostRecords(this, "Hosts", { zoneId, hosts: { ...hosts }, target });
  }

  private distribution(): Distribution {
    const { name, account, certificate, globalProvider, hosts, loadBalancer } = this.props;
    const global = new Construct(this, "Global");
    const names = Object.values(hosts);
    const ofEdge = new Certificate(global, "Certificate", { hosts: names, provenBy: certificate });
    const acl = this.webAcl(
      "WebAcl",
      {
        scope: "CLOUDFRONT",
        name: `${name}-cloudfront`,
        account: { ...account, region: "us-east-1" },
        rules: this.allRules("CLOUDFRONT", global),
      },
      global,
    );
    placeWith(globalProvider(), global);
    return new Distribution(this, "Distribution", {
      description: name,
      hosts: names,
      certificateArn: ofEdge.arn,
      webAclArn: acl.arn,
      originDnsName: loadBalancer.dnsName,
    });
  }

  private webAcl(
    id: string,
    own: Pick<WebAclProps, "name" | "scope" | "account" | "rules">,
    scope: Construct = this,
  ): WebAcl {
    const { webAclLogRetentionDays: logRetentionDays, protection } = this.props;
    return new WebAcl(scope, id, { ...own, logRetentionDays, protection });
  }

  private allRules(scope: WebAclProps["scope"], parent: Construct = this): readonly Rule[] {
    const { name, administratorCidrs, hosts, requestsPerFiveMinutes } = this.props;
    const administrators = new Wafv2IpSet(parent, "Administrators", {
      name: `${name}-administrators`,
      description: "Networks of the administrators",
      scope,
      ipAddressVersion: "IPV4",
      addresses: [...administratorCidrs],
    });
    return [
      ...addressRules({
        requestsPerFiveMinutes,
        administratorsArn: administrators.arn,
        monitorHost: hosts.monitor,
        colourHeader: COLOUR_HEADER,
      }),
      ...contentRules,
    ];
  }
}

/** Places every resource below a construct with another provider: what CloudFront uses lives in us-east-1. */
function placeWith(provider: TerraformProvider, construct: IConstruct): void {
  for (const child of construct.node.findAll()) {
    if (child instanceof TerraformResource) child.provider = provider;
  }
}
