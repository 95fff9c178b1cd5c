import { ClusterRoleBindingV1 } from "@cdktf/provider-kubernetes/lib/cluster-role-binding-v1";
import { ClusterRoleV1 } from "@cdktf/provider-kubernetes/lib/cluster-role-v1";
import { ViewerRights } from "../../../../constructs/aws/cluster/viewer-rights";
import { only, testStack } from "../../../support/template";

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

describe("ViewerRights", () => {
  const stack = testStack();
  new ViewerRights(stack, "ViewerRights");
  const rules = only(stack, ClusterRoleV1)["rule"] as readonly Rule[];

  test("lets the group of the plan role see classes and rights", () => {
    expect(rules.flatMap((rule) => rule.resources)).toEqual(expect.arrayContaining(["storageclasses", "roles"]));
    expect(only(stack, ClusterRoleBindingV1)).toMatchObject({
      subject: [{ kind: "Group", name: "platform-viewers" }],
    });
  });

  test("lets nobody change anything, or see a secret", () => {
    expect(new Set(rules.flatMap((rule) => rule.verbs))).toEqual(new Set(["get", "list", "watch"]));
    expect(rules.flatMap((rule) => rule.resources)).not.toEqual(expect.arrayContaining(["secrets"]));
    expect(rules.flatMap((rule) => rule.resources)).not.toEqual(expect.arrayContaining(["*"]));
  });
});
