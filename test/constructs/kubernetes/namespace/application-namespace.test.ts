import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { RoleV1 } from "@cdktf/provider-kubernetes/lib/role-v1";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { ApplicationNamespace } from "../../../../constructs/kubernetes/namespace/application-namespace";
import { only, testStack } from "../../../support/template";

function namespace() {
  const stack = testStack();
  new ApplicationNamespace(stack, "Namespace", {
    name: "bist-trading-prod",
    environment: "production",
    quota: { cpu: "40", memory: "80Gi", pods: 60 },
  });
  return stack;
}

describe("ApplicationNamespace", () => {
  test("enforces, audits and warns of the restricted standard", () => {
    expect(only(namespace(), NamespaceV1)).toMatchObject({
      metadata: {
        name: "bist-trading-prod",
        labels: {
          "pod-security.kubernetes.io/enforce": "restricted",
          "pod-security.kubernetes.io/audit": "restricted",
          "pod-security.kubernetes.io/warn": "restricted",
        },
      },
    });
  });

  test("lets the service account read no secret, and mounts no token of it", () => {
    expect(only(namespace(), RoleV1)["rule"]).toEqual([
      { api_groups: [""], resources: ["pods", "services", "configmaps"], verbs: ["get", "watch", "list"] },
    ]);
    expect(only(namespace(), ServiceAccountV1)).toMatchObject({ automount_service_account_token: false });
  });
});
