import { TargetGroupBinding } from "../../../../constructs/kubernetes/custom-objects/target-group-binding";
import { targetGroupBindingSpec } from "../../../../constructs/kubernetes/custom-objects/target-group-binding-schema";

describe("TargetGroupBinding", () => {
  const binding = new TargetGroupBinding({
    name: "market-data-service-blue",
    namespace: "trading",
    service: { name: "market-data-service-blue", port: 8082 },
    targetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/blue/1",
  });

  test("registers the addresses of pods, and opens no network by itself", () => {
    expect(binding).toMatchObject({
      apiVersion: "elbv2.k8s.aws/v1beta1",
      kind: "TargetGroupBinding",
      spec: {
        serviceRef: { name: "market-data-service-blue", port: 8082 },
        targetGroupARN: expect.stringContaining("targetgroup/blue") as string,
        targetType: "ip",
      },
    });
    expect(binding.spec).not.toHaveProperty("networking");
  });

  test("says what its definition knows, and all that it asks for", () => {
    expect(Object.keys(targetGroupBindingSpec.properties)).toEqual(expect.arrayContaining(Object.keys(binding.spec)));
    expect(Object.keys(binding.spec)).toEqual(expect.arrayContaining([...targetGroupBindingSpec.required]));
    expect(targetGroupBindingSpec.properties.targetType.enum).toContain(binding.spec.targetType);
  });
});
