import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { LoadBalancer } from "../../../../constructs/aws/edge/load-balancer";
import type { LoadBalancerProps } from "../../../../constructs/aws/edge/load-balancer";
import { optOutsOf } from "../../../../constructs/support/protection";
import { children, only, resources, testStack } from "../../../support/template";

function build(props: Partial<LoadBalancerProps> = {}) {
  const stack = testStack();
  new LoadBalancer(stack, "LoadBalancer", {
    name: "shop",
    account: { accountId: "111122223333", region: "us-east-1" },
    subnets: ["subnet-1", "subnet-2"],
    securityGroup: "sg-1",
    certificateArn: "arn:certificate",
    tlsPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
    idleTimeoutSeconds: 600,
    accessLogRetentionDays: 30,
    protection: true,
    ...props,
  });
  return stack;
}

describe("LoadBalancer", () => {
  test("is public, guarded and logged", () => {
    expect(only(build(), Lb)).toMatchObject({
      name: "shop",
      internal: false,
      subnets: ["subnet-1", "subnet-2"],
      security_groups: ["sg-1"],
      idle_timeout: 600,
      drop_invalid_header_fields: true,
      desync_mitigation_mode: "defensive",
      enable_deletion_protection: true,
      enable_waf_fail_open: false,
      access_logs: { enabled: true },
    });
  });

  test("sends plain HTTP to HTTPS, and answers 404 to what no rule wants", () => {
    const [http, https] = resources(build(), LbListener).sort(
      (one, other) => Number(other["port"] === 80) - Number(one["port"] === 80),
    );
    expect(http).toMatchObject({
      port: 80,
      default_action: [{ type: "redirect", redirect: { port: "443", protocol: "HTTPS", status_code: "HTTP_301" } }],
    });
    expect(https).toMatchObject({
      port: 443,
      protocol: "HTTPS",
      ssl_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
      certificate_arn: "arn:certificate",
      default_action: [{ type: "fixed-response", fixed_response: { status_code: "404" } }],
    });
  });

  test("lets load balancers of this account alone write logs, before it logs", () => {
    const stack = build();
    const policy = JSON.parse(only(stack, S3BucketPolicy)["policy"] as string) as { Statement: object[] };
    expect(policy.Statement).toContainEqual(
      expect.objectContaining({
        Principal: { Service: ["logdelivery.elasticloadbalancing.amazonaws.com"] },
        Action: ["s3:PutObject"],
        Resource: [expect.stringMatching(/\/AWSLogs\/111122223333\/\*$/)],
      }),
    );
    expect(only(stack, Lb)["depends_on"]).toEqual([expect.stringMatching(/^aws_s3_bucket_policy\./)]);
  });

  test("can be deleted only where a reason says so, which the output shows", () => {
    const stack = build({ protection: { reason: "Nothing here is worth keeping." } });
    expect(only(stack, Lb)).toMatchObject({ enable_deletion_protection: false });
    expect(children(stack, Lb).flatMap(optOutsOf)).toContainEqual({
      setting: "enable_deletion_protection",
      reason: "Nothing here is worth keeping.",
    });
  });

  test("refuses a name that AWS would", () => {
    expect(() => build({ name: "n".repeat(33) })).toThrow("has 33 characters; AWS takes 32");
  });
});
