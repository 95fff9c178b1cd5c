import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { Construct } from "constructs";
import type { Account } from "../../../config/account";
import { SecureBucket } from "../storage/secure-bucket";
import { check } from "../../support/check";
import { isProtected, noteOptOut } from "../../support/protection";
import type { Protection } from "../../support/protection";

export interface LoadBalancerProps {
  /** At most 32 characters. */
  readonly name: string;
  readonly account: Account;
  readonly subnets: readonly string[];
  readonly securityGroup: string;
  readonly certificateArn: string;
  /** TLS policy of the public listener. */
  readonly tlsPolicy: string;
  /** Seconds after which an idle connection is closed. */
  readonly idleTimeoutSeconds: number;
  /** Days that access logs are kept. */
  readonly accessLogRetentionDays: number;
  readonly protection: Protection;
}

/**
 * The public load balancer. Plain HTTP is sent to HTTPS, and what no rule of the HTTPS listener wants is answered 404.
 */
export class LoadBalancer extends Construct {
  readonly arn: string;
  readonly dnsName: string;
  /** Route53 zone of the load balancer's own name, for alias records. */
  readonly zoneId: string;
  readonly securityGroup: string;
  /** ARN of the HTTPS listener, which rules are added to. */
  readonly listenerArn: string;

  constructor(scope: Construct, id: string, props: LoadBalancerProps) {
    super(scope, id);
    check(this, [[props.name.length <= 32, `name "${props.name}" has ${props.name.length} characters; AWS takes 32`]]);
    const logs = this.accessLogs(props);

    const balancer = new Lb(this, "Resource", {
      name: props.name,
      loadBalancerType: "application",
      internal: false,
      securityGroups: [props.securityGroup],
      subnets: [...props.subnets],
      idleTimeout: props.idleTimeoutSeconds,
      enableHttp2: true,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: "defensive",
      // Without an answer from the web ACL a request is refused, not let through.
      enableWafFailOpen: false,
      enableDeletionProtection: isProtected(props.protection),
      accessLogs: { bucket: logs.bucketName, enabled: true },
      // AWS writes a test object when logging is turned on.
      dependsOn: [...logs.grants],
    });
    if (props.protection !== true) noteOptOut(balancer, "enable_deletion_protection", props.protection);
    noteOptOut(balancer, "CKV2_AWS_76", {
      reason:
        "Its ACL stops Log4j's requests; the list of anonymous addresses that the check also wants names hosting " +
        "providers, where traders' programs run.",
    });

    new LbListener(this, "Http", {
      loadBalancerArn: balancer.arn,
      port: 80,
      protocol: "HTTP",
      defaultAction: [{ type: "redirect", redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" } }],
    });
    const https = new LbListener(this, "Https", {
      loadBalancerArn: balancer.arn,
      port: 443,
      protocol: "HTTPS",
      sslPolicy: props.tlsPolicy,
      certificateArn: props.certificateArn,
      defaultAction: [notFound],
    });

    this.arn = balancer.arn;
    this.dnsName = balancer.dnsName;
    this.zoneId = balancer.zoneId;
    this.securityGroup = props.securityGroup;
    this.listenerArn = https.arn;
  }

  private accessLogs({ name, account, accessLogRetentionDays, protection }: LoadBalancerProps): SecureBucket {
    return new SecureBucket(this, "AccessLogs", {
      bucketName: `${name}-load-balancer-logs-${account.accountId}`,
      encryptionKeyArn: { reason: "Load balancers deliver their access logs to no bucket with a customer key." },
      accessLogs: { reason: "The bucket holds nothing but access logs; who reads them shows in CloudTrail." },
      protection,
      expiry: [{ prefix: "AWSLogs/", days: accessLogRetentionDays }],
      statements: (bucketArn) => [
        {
          sid: "LoadBalancerLogs",
          principals: { Service: ["logdelivery.elasticloadbalancing.amazonaws.com"] },
          actions: ["s3:PutObject"],
          resources: [`${bucketArn}/AWSLogs/${account.accountId}/*`],
        },
      ],
    });
  }
}

/** What a request gets that nobody is there for. */
export const notFound = {
  type: "fixed-response",
  fixedResponse: { contentType: "text/plain", statusCode: "404", messageBody: "Not found\n" },
};
