import { CloudfrontDistribution } from "@cdktf/provider-aws/lib/cloudfront-distribution";
import { Construct } from "constructs";
import type { AliasTarget } from "../dns/host-records";

export interface DistributionProps {
  readonly description: string;
  readonly hosts: readonly string[];
  /** In us-east-1. */
  readonly certificateArn: string;
  /** Of scope CLOUDFRONT. */
  readonly webAclArn: string;
  /** Name of the load balancer behind. */
  readonly originDnsName: string;
}

/** AWS's own policies, by the ids that they have in every account: nothing is cached, everything is passed on. */
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3";

/**
 * CloudFront in front of the load balancer: TLS ends near the client, attacks end at the edge. The client's Host goes
 * on to the load balancer, which routes by it and proves itself for it; WebSockets pass since all headers do.
 */
export class Distribution extends Construct {
  readonly alias: AliasTarget;

  constructor(scope: Construct, id: string, props: DistributionProps) {
    super(scope, id);
    const originId = "load-balancer";
    const distribution = new CloudfrontDistribution(this, "Resource", {
      comment: props.description,
      enabled: true,
      isIpv6Enabled: true,
      httpVersion: "http2and3",
      aliases: [...props.hosts],
      webAclId: props.webAclArn,
      origin: [
        {
          originId,
          domainName: props.originDnsName,
          customOriginConfig: {
            httpPort: 80,
            httpsPort: 443,
            originProtocolPolicy: "https-only",
            originSslProtocols: ["TLSv1.2"],
            originReadTimeout: 60,
            originKeepaliveTimeout: 60,
          },
        },
      ],
      defaultCacheBehavior: {
        targetOriginId: originId,
        viewerProtocolPolicy: "redirect-to-https",
        allowedMethods: ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
        cachedMethods: ["GET", "HEAD"],
        cachePolicyId: CACHING_DISABLED,
        originRequestPolicyId: ALL_VIEWER,
        compress: false,
      },
      restrictions: { geoRestriction: { restrictionType: "none" } },
      viewerCertificate: {
        acmCertificateArn: props.certificateArn,
        sslSupportMethod: "sni-only",
        minimumProtocolVersion: "TLSv1.2_2021",
      },
    });
    this.alias = { dnsName: distribution.domainName, zoneId: distribution.hostedZoneId, ipv6: true };
  }
}
