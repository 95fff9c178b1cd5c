import { Release } from "@cdktf/provider-helm/lib/release";
import { Construct } from "constructs";

/** The chart, seen from the folder that Terraform runs in. */
const CHART = "../../../charts/custom-resource-definitions";

/**
 * The custom kinds that the platform's objects are of, without the controllers that act on them: for a cluster that
 * has none of the charts which bring both.
 */
export class CustomResourceDefinitions extends Construct {
  readonly release: Release;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.release = new Release(this, "Resource", {
      name: "custom-resource-definitions",
      namespace: "kube-system",
      chart: CHART,
      atomic: true,
      maxHistory: 5,
    });
  }
}
