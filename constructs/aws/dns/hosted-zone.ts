import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { Route53Zone } from "@cdktf/provider-aws/lib/route53-zone";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { noteOptOut, protect } from "../../support/protection";
import type { Protection } from "../../support/protection";

export interface HostedZoneProps {
  readonly domain: string;
  readonly protection: Protection;
}

/** Amazon's authorities, for the load balancer and CloudFront, and the one that cert-manager asks. */
const CERTIFICATE_AUTHORITIES = ["amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com", "letsencrypt.org"];

/**
 * The public zone of the environment's domain. Its name servers go to the registrar, or to the parent zone, by hand:
 * a new zone has new ones, which is why it is protected like data.
 */
export class HostedZone extends Construct {
  readonly zoneId: string;
  /** Separated by spaces. */
  readonly nameServers: string;

  constructor(scope: Construct, id: string, { domain, protection }: HostedZoneProps) {
    super(scope, id);
    const zone = new Route53Zone(this, "Resource", { name: domain, comment: "The trading platform's public names" });
    protect(zone, protection);
    noteOptOut(zone, "CKV2_AWS_38", {
      reason:
        "DNSSEC takes a key of the parent zone's that an administrator enters by hand; a slip takes every host down.",
    });
    noteOptOut(zone, "CKV2_AWS_39", { reason: "The zone is public, and its queries say nothing of who trades." });
    new Route53Record(this, "CertificateAuthorities", {
      zoneId: zone.zoneId,
      name: domain,
      type: "CAA",
      ttl: 3600,
      records: CERTIFICATE_AUTHORITIES.map((authority) => `0 issue "${authority}"`),
    });
    this.zoneId = zone.zoneId;
    this.nameServers = Fn.join(" ", zone.nameServers);
  }
}
