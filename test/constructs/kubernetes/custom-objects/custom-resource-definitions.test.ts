import { Release } from "@cdktf/provider-helm/lib/release";
import { CustomResourceDefinitions } from "../../../../constructs/kubernetes/custom-objects/custom-resource-definitions";
import { only, resources, testStack } from "../../../support/template";

describe("CustomResourceDefinitions", () => {
  test("is one release of the project's own chart where no other brings the kinds, and says why", () => {
    const stack = testStack();
    const reason = "There is no Internet.";
    new CustomResourceDefinitions(stack, "Definitions", { charts: { from: "nowhere", reason } });
    const release = only(stack, Release);
    expect(release).toMatchObject({
      name: "custom-resource-definitions",
      namespace: "kube-system",
      chart: "../../../charts/custom-resource-definitions",
      atomic: true,
    });
  });

  test("leaves the kinds to the charts that bring them", () => {
    const stack = testStack();
    new CustomResourceDefinitions(stack, "Definitions", { charts: { from: "publishers" } });
    expect(resources(stack, Release)).toEqual([]);
  });
});
