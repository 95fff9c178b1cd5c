import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { Construct } from "constructs";
import { pascalCase } from "../../support/pascal-case";

/** What answers for a host: a load balancer or a distribution. */
export interface AliasTarget {
  readonly dnsName: string;
  /** Route53 zone of the target's own name, not of the host. */
  readonly zoneId: string;
  /** Whether the target has IPv6 addresses. */
  readonly ipv6: boolean;
}

export interface HostRecordsProps {
  readonly zoneId: string;
  /** Host names, by what they are for. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly target: AliasTarget;
}

/** Points every host at one target. */
export class HostRecords extends Construct {
  constructor(scope: Construct, id: string, { zoneId, hosts, target }: HostRecordsProps) {
    super(scope, id);
    for (const [purpose, name] of Object.entries(hosts)) {
      for (const type of target.ipv6 ? ["A", "AAAA"] : ["A"]) {
        new Route53Record(this, `${pascalCase(purpose)}${type}`, {
          zoneId,
          name,
          type,
          alias: { name: target.dnsName, zoneId: target.zoneId, evaluateTargetHealth: false },
        });
      }
    }
  }
}
