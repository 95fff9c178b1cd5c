import { Wafv2WebAcl } from "@cdktf/provider-aws/lib/wafv2-web-acl";
import { Wafv2WebAclAssociation } from "@cdktf/provider-aws/lib/wafv2-web-acl-association";
import { Wafv2WebAclLoggingConfiguration } from "@cdktf/provider-aws/lib/wafv2-web-acl-logging-configuration";
import { Construct } from "constructs";
import { EncryptionKey } from "../encryption/encryption-key";
import { EncryptedLogGroup } from "../logs/log-group";
import type { Account } from "../../../config/account";
import type { Protection } from "../../support/protection";
import { visibility, webAclRules } from "./rule";
import type { Rule } from "./rule";

export interface WebAclProps {
  readonly name: string;
  /** `CLOUDFRONT` is for a distribution, and lives in us-east-1. */
  readonly scope: "REGIONAL" | "CLOUDFRONT";
  /** Where the ACL lives. */
  readonly account: Account;
  /** In order of evaluation. */
  readonly rules: readonly Rule[];
  /** Days that the log of blocked and counted requests is kept. */
  readonly logRetentionDays: number;
  readonly protection: Protection;
}

/** Headers that carry credentials; a WebSocket from a browser can send its token in no other than the last. */
const CREDENTIAL_HEADERS = ["authorization", "cookie", "sec-websocket-protocol"];

/** A firewall for HTTP that lets through what no rule blocks, and logs what it blocks or counts. */
export class WebAcl extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: WebAclProps) {
    super(scope, id);
    const acl = new Wafv2WebAcl(this, "Resource", {
      name: props.name,
      description: "What may reach the trading platform",
      scope: props.scope,
      defaultAction: { allow: {} },
      rule: webAclRules(props.rules),
      visibilityConfig: visibility(props.name),
    });
    this.arn = acl.arn;
    this.log(props);
  }

  /** Puts a REGIONAL ACL in front of a load balancer; a distribution names its ACL itself. */
  protect(loadBalancerArn: string): void {
    new Wafv2WebAclAssociation(this, "Association", { resourceArn: loadBalancerArn, webAclArn: this.arn });
  }

  private log({ name, account, logRetentionDays, protection }: WebAclProps): void {
    const key = new EncryptionKey(this, "LogKey", {
      alias: `${name}/web-acl-log`,
      description: `Log of the web ACL ${name}`,
      account,
      services: [`logs.${account.region}.amazonaws.com`],
      protection,
    });
    const group = new EncryptedLogGroup(this, "Log", {
      // AWS WAF writes to groups of this prefix only.
      name: `aws-waf-logs-${name}`,
      retentionDays: logRetentionDays,
      key,
    });
    new Wafv2WebAclLoggingConfiguration(this, "Logging", {
      resourceArn: this.arn,
      logDestinationConfigs: [group.arn],
      redactedFields: CREDENTIAL_HEADERS.map((header) => ({ singleHeader: { name: header } })),
      loggingFilter: {
        defaultBehavior: "DROP",
        filter: [
          {
            behavior: "KEEP",
            requirement: "MEETS_ANY",
            condition: [{ actionCondition: { action: "BLOCK" } }, { actionCondition: { action: "COUNT" } }],
          },
        ],
      },
    });
  }
}
