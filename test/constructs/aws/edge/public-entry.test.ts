import { AcmCertificate } from "@cdktf/provider-aws/lib/acm-certificate";
import { CloudfrontDistribution } from "@cdktf/provider-aws/lib/cloudfront-distribution";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { Wafv2IpSet } from "@cdktf/provider-aws/lib/wafv2-ip-set";
import { Wafv2WebAcl } from "@cdktf/provider-aws/lib/wafv2-web-acl";
import { Wafv2WebAclAssociation } from "@cdktf/provider-aws/lib/wafv2-web-acl-association";
import { environment } from "../../../../config";
import { EdgeStack } from "../../../../stacks/edge-stack";
import { anyNetwork } from "../../../support/any-network";
import { only, resources, synthesize, testApp } from "../../../support/template";
import type { Block } from "../../../support/template";

const production = environment("production");

function edge(cloudFront: boolean) {
  return new EdgeStack(testApp(), { ...production, edge: { ...production.edge, cloudFront } }, anyNetwork);
}
const ruleNames = (acl: Block | undefined) => (acl?.["rule"] as { name: string }[]).map(({ name }) => name);
const aliases = (stack: EdgeStack) =>
  resources(stack, Route53Record)
    .filter((record) => "alias" in record)
    .map(({ name, type }) => `${String(name)} ${String(type)}`)
    .sort();

describe("PublicEntry", () => {
  test("is the load balancer with a regional web ACL that has every rule", () => {
    const stack = edge(false);
    const acl = only(stack, Wafv2WebAcl);
    expect(acl).toMatchObject({ scope: "REGIONAL", default_action: { allow: {} } });
    expect(ruleNames(acl)).toHaveLength(9);
    expect(only(stack, Wafv2WebAclAssociation)["resource_arn"]).toMatch(/aws_lb\./);
    expect(only(stack, Wafv2IpSet)).toMatchObject({ addresses: ["203.0.113.0/24"] });
    expect(resources(stack, CloudfrontDistribution)).toEqual([]);
    expect(synthesize(stack)["provider"]).toMatchObject({ aws: [{ region: "us-east-1" }] });
  });

  test("gives every host an address of the load balancer, which has no IPv6", () => {
    expect(aliases(edge(false))).toEqual(
      Object.values(production.edge.hosts)
        .map((host) => `${host} A`)
        .sort(),
    );
  });

  test("is CloudFront, when asked for, with a web ACL that knows who asks", () => {
    const stack = edge(true);
    const acls = resources(stack, Wafv2WebAcl);
    const global = acls.find(({ scope }) => scope === "CLOUDFRONT");
    const regional = acls.find(({ scope }) => scope === "REGIONAL");
    expect(ruleNames(global)).toHaveLength(9);
    expect(ruleNames(regional)).toEqual([
      "ActuatorRule",
      "BodySizeRule",
      "KnownBadInputsRule",
      "CommonRule",
      "SQLInjectionRule",
    ]);
    expect(only(stack, CloudfrontDistribution)).toMatchObject({
      aliases: Object.values(production.edge.hosts),
      default_cache_behavior: {
        viewer_protocol_policy: "redirect-to-https",
        cache_policy_id: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        origin_request_policy_id: "216adef6-5c7f-47e4-b989-5492eafa07d3",
      },
      origin: [{ custom_origin_config: { origin_protocol_policy: "https-only", origin_ssl_protocols: ["TLSv1.2"] } }],
      viewer_certificate: { minimum_protocol_version: "TLSv1.2_2021" },
    });
  });

  test("keeps what CloudFront uses in us-east-1, and nothing else", () => {
    const stack = edge(true);
    const placed = (type: Parameters<typeof resources>[1]) =>
      resources(stack, type)
        .map(({ provider }) => provider ?? "aws")
        .sort();
    for (const type of [AcmCertificate, Wafv2WebAcl, KmsKey, CloudwatchLogGroup]) {
      expect(placed(type)).toEqual(["aws", "aws.global"]);
    }
    expect(placed(Wafv2IpSet)).toEqual(["aws.global"]);
    expect(placed(CloudfrontDistribution)).toEqual(["aws"]);
  });

  test("gives every host both kinds of address of CloudFront", () => {
    const hosts = Object.values(production.edge.hosts);
    expect(aliases(edge(true))).toEqual(hosts.flatMap((host) => [`${host} A`, `${host} AAAA`]).sort());
  });
});
