import type { ITerraformDependable } from "cdktf";
import type { Charts } from "../../../config/schema/platform";
import type { ClusterNetwork } from "./add-on-traffic";
import type { Placement } from "./pod-values";

/** Props of every add-on that Helm installs. */
export interface HelmAddOnProps {
  /** Where the environment takes charts from. */
  readonly charts: Charts;
  /** The nodes that the add-on's pods run on. */
  readonly placement: Placement;
  /** What must be there first. @default nothing */
  readonly after?: readonly ITerraformDependable[];
}

/** Props of an add-on with a namespace of its own: its network policies name the cluster's addresses. */
export interface NamespacedAddOnProps extends HelmAddOnProps {
  readonly network: ClusterNetwork;
}
