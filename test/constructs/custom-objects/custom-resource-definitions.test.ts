import { Release } from "@cdktf/provider-helm/lib/release";
import { CustomResourceDefinitions } from "../../../constructs/custom-objects/custom-resource-definitions";
import { only, testStack } from "../../support/template";

describe("CustomResourceDefinitions", () => {
  test("is one release of the project's own chart, as Terraform sees it from a stack's folder", () => {
    const stack = testStack();
    new CustomResourceDefinitions(stack, "Definitions");
    expect(only(stack, Release)).toMatchObject({
      name: "custom-resource-definitions",
      namespace: "kube-system",
      chart: "../../../charts/custom-resource-definitions",
      atomic: true,
    });
  });
});
