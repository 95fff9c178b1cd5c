import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { Route53Zone } from "@cdktf/provider-aws/lib/route53-zone";
import { HostedZone } from "../../../../constructs/aws/dns/hosted-zone";
import { only, testStack } from "../../../support/template";

describe("HostedZone", () => {
  const stack = testStack();
  new HostedZone(stack, "Zone", { domain: "shop.test", protection: true });

  test("is protected, since a new one has other name servers", () => {
    expect(only(stack, Route53Zone)).toMatchObject({ name: "shop.test", lifecycle: { prevent_destroy: true } });
  });

  test("lets Amazon and the authority of cert-manager alone issue certificates", () => {
    expect(only(stack, Route53Record)).toMatchObject({
      type: "CAA",
      name: "shop.test",
      records: expect.arrayContaining(['0 issue "amazon.com"', '0 issue "letsencrypt.org"']) as string[],
    });
  });
});
