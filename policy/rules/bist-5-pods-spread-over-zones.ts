import { deploymentRule } from "../pods";
import { known } from "../rule";

/** Pods of a Deployment spread over zones. BIST_5. */
export const podsSpreadOverZones = deploymentRule(
  {
    id: "BIST_5",
    title: "Pods of a Deployment spread over zones",
    remedy: "add a `topologySpreadConstraint` of `topology.kubernetes.io/zone`",
  },
  ({ pod }) =>
    (known(pod.topologySpreadConstraint) ?? []).some(
      ({ topologyKey }) => topologyKey === "topology.kubernetes.io/zone",
    ),
);
