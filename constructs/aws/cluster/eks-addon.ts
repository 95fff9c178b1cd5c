import { EksAddon as Resource } from "@cdktf/provider-aws/lib/eks-addon";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { PodIdentityRole } from "../iam/pod-identity-role";

export interface EksAddonProps {
  readonly clusterName: string;
  /** As EKS calls it, for example `vpc-cni`. */
  readonly name: string;
  /** In the add-on's own schema: `aws eks describe-addon-configuration`. @default the add-on's defaults */
  readonly settings?: object;
  /** What the add-on's own pods may do in AWS. @default nothing */
  readonly role?: PodIdentityRole;
  /** What the add-on needs before it becomes active. @default the cluster */
  readonly after?: readonly ITerraformDependable[];
}

/**
 * A part of the cluster that EKS installs and keeps. Its version is EKS's default for the cluster's Kubernetes version
 * when it is installed, and stays until somebody moves it (docs/adr/014). What is declared here wins over changes made
 * in the cluster.
 */
export class EksAddon extends Construct {
  readonly resource: Resource;

  constructor(scope: Construct, id: string, { clusterName, name, settings, role, after = [] }: EksAddonProps) {
    super(scope, id);
    this.resource = new Resource(this, "Resource", {
      clusterName,
      addonName: name,
      ...(settings && { configurationValues: JSON.stringify(settings) }),
      ...(role && { podIdentityAssociation: [{ roleArn: role.arn, serviceAccount: role.pods.serviceAccount }] }),
      resolveConflictsOnCreate: "OVERWRITE",
      resolveConflictsOnUpdate: "OVERWRITE",
      dependsOn: [...after, ...(role?.grants ?? [])],
    });
  }
}
