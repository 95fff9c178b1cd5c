import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { PlatformNamespace } from "../../../../constructs/kubernetes/namespace/platform-namespace";
import { optOutsOf } from "../../../../constructs/support/protection";
import { children, only, testStack } from "../../../support/template";

describe("PlatformNamespace", () => {
  test("enforces the restricted standard", () => {
    const stack = testStack();
    new PlatformNamespace(stack, "Namespace", { name: "monitoring" });
    expect(only(stack, NamespaceV1)).toMatchObject({
      metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    });
  });

  test("gives way for a reason, which is noted", () => {
    const stack = testStack();
    const reason = "The exporter reads its node's files.";
    new PlatformNamespace(stack, "Namespace", { name: "nodes", privileged: { reason } });
    expect(only(stack, NamespaceV1)).toMatchObject({
      metadata: { labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
    });
    expect(children(stack, NamespaceV1).flatMap(optOutsOf)).toEqual([
      { setting: "pod-security.kubernetes.io/enforce", reason },
    ]);
  });
});
