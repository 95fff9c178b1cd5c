import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { Construct } from "constructs";
import { noteOptOut } from "../../support/protection";
import type { OptOut } from "../../support/protection";

export interface PlatformNamespaceProps {
  readonly name: string;
  /** Lets pods do everything on their node. Needs a reason, which the synthesized output shows. @default restricted */
  readonly privileged?: OptOut;
}

/** A namespace for what serves the application, under a Pod Security standard that is enforced. */
export class PlatformNamespace extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, { name, privileged }: PlatformNamespaceProps) {
    super(scope, id);
    const standard = privileged === undefined ? "restricted" : "privileged";
    const namespace = new NamespaceV1(this, "Resource", {
      metadata: {
        name,
        labels: {
          "pod-security.kubernetes.io/enforce": standard,
          "pod-security.kubernetes.io/audit": standard,
          "pod-security.kubernetes.io/warn": standard,
        },
      },
    });
    if (privileged !== undefined) noteOptOut(namespace, "pod-security.kubernetes.io/enforce", privileged);
    this.name = namespace.metadata.name;
  }
}
