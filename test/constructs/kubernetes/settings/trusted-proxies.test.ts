import { DataAwsEc2ManagedPrefixList } from "@cdktf/provider-aws/lib/data-aws-ec2-managed-prefix-list";
import { TerraformOutput } from "cdktf";
import { TrustedProxies } from "../../../../constructs/kubernetes/settings/trusted-proxies";
import { dataSources, synthesize, testStack } from "../../../support/template";

function declare(cloudFront: boolean) {
  const stack = testStack();
  const { networks } = new TrustedProxies(stack, "Proxies", {
    publicSubnets: ["10.0.1.0/24", "10.0.2.0/24"],
    cloudFront,
  });
  new TerraformOutput(stack, "networks", { value: networks });
  return stack;
}

describe("TrustedProxies", () => {
  test("are the load balancer's subnets", () => {
    const stack = declare(false);
    expect(synthesize(stack).output?.["networks"]?.value).toBe("10.0.1.0/24,10.0.2.0/24");
    expect(dataSources(stack, DataAwsEc2ManagedPrefixList)).toEqual([]);
  });

  test("are CloudFront's addresses too where it is in front: else every client would have its edge's", () => {
    const stack = declare(true);
    expect(dataSources(stack, DataAwsEc2ManagedPrefixList)).toEqual([
      { name: "com.amazonaws.global.cloudfront.origin-facing" },
    ]);
    expect(synthesize(stack).output?.["networks"]?.value).toMatch(
      /^10\.0\.1\.0\/24,10\.0\.2\.0\/24,\$\{local\.Proxies_CloudFrontNetworks_\w+\}$/,
    );
  });
});
