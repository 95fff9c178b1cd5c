import { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import { resourcesOf } from "../related-resources";
import { deploymentRule, selects } from "../pods";

/** Every Deployment has a disruption budget that selects its pods. BIST_6. */
export const podsSurviveDrains = deploymentRule(
  {
    id: "BIST_6",
    title: "Every Deployment has a disruption budget that selects its pods",
    remedy: "add a PodDisruptionBudgetV1 for its labels",
  },
  ({ labels, namespace }, _deployment, stack) =>
    resourcesOf(stack, PodDisruptionBudgetV1).some(
      (budget) =>
        budget.metadataInput?.namespace === namespace && selects(budget.specInput?.selector.matchLabels, labels),
    ),
);
