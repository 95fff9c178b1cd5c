import { Release } from "@cdktf/provider-helm/lib/release";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Charts } from "../../../config/schema/platform";
import { noteOptOut } from "../../support/protection";

/** The chart, seen from the folder that Terraform runs in. */
const CHART = "../../../charts/custom-resource-definitions";

export interface CustomResourceDefinitionsProps {
  /** Where the environment takes charts from. */
  readonly charts: Charts;
}

/**
 * The custom kinds that the platform's objects are of, in an environment without the charts that bring them: objects
 * can be applied and are checked, and no controller acts on them.
 */
export class CustomResourceDefinitions extends Construct {
  /** What waits for the kinds. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { charts }: CustomResourceDefinitionsProps) {
    super(scope, id);
    if (charts.from !== "nowhere") {
      this.ready = [];
      return;
    }
    const release = new Release(this, "Resource", {
      name: "custom-resource-definitions",
      namespace: "kube-system",
      chart: CHART,
      atomic: true,
      maxHistory: 5,
    });
    noteOptOut(release, "charts", charts);
    this.ready = [release];
  }
}
