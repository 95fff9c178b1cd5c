import { Construct } from "constructs";
import type { TimeSeries } from "../../../config/schema/time-series";
import { PodIdentityRole } from "../iam/pod-identity-role";
import { pascalCase } from "../../support/pascal-case";
import type { Cluster } from "./cluster";
import { workloadIdentities } from "./workload-identities";
import type { WorkloadName } from "./workload-identities";
import { workloadRights } from "./workload-rights";
import type { PlatformNames } from "./workload-rights";

export interface WorkloadRolesProps extends PlatformNames {
  readonly cluster: Cluster;
  /** Kubernetes namespace of the application. */
  readonly applicationNamespace: string;
  /** Where the environment keeps its time series: only a server of their own is a workload. */
  readonly timeSeries: TimeSeries;
}

/** One role for each workload that uses AWS, bound to its service account before the workload is installed. */
export class WorkloadRoles extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { cluster, applicationNamespace, timeSeries, ...names }: WorkloadRolesProps,
  ) {
    super(scope, id);
    const { account, clusterName } = names;
    const rights = workloadRights(names);
    const identities = workloadIdentities(applicationNamespace);
    for (const name of Object.keys(identities) as WorkloadName[]) {
      if (name === "timeSeries" && timeSeries.in === "database") continue;
      const { namespace, serviceAccount, purpose } = identities[name];
      new PodIdentityRole(this, pascalCase(name), {
        name: `${clusterName}-${serviceAccount}`,
        description: purpose,
        pods: { account, clusterName, namespace, serviceAccount },
        statements: rights[name],
      }).bind(cluster.name);
    }
  }
}
