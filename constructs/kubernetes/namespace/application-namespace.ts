import { LimitRangeV1 } from "@cdktf/provider-kubernetes/lib/limit-range-v1";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { ResourceQuotaV1 } from "@cdktf/provider-kubernetes/lib/resource-quota-v1";
import { RoleBindingV1 } from "@cdktf/provider-kubernetes/lib/role-binding-v1";
import { RoleV1 } from "@cdktf/provider-kubernetes/lib/role-v1";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { Construct } from "constructs";
import type { Quota } from "./quota";

export interface ApplicationNamespaceProps {
  readonly name: string;
  readonly environment: string;
  /** Everything that may run in the namespace together. */
  readonly quota: Quota;
}

/**
 * Where the application runs: the `restricted` Pod Security standard enforced, a quota, limits for a container that
 * names none, and a service account that may read the namespace's own pods, services and settings, and no secret.
 */
export class ApplicationNamespace extends Construct {
  readonly name: string;
  readonly serviceAccount: string;

  constructor(scope: Construct, id: string, props: ApplicationNamespaceProps) {
    super(scope, id);
    const namespace = new NamespaceV1(this, "Resource", {
      metadata: {
        name: props.name,
        labels: {
          name: props.name,
          environment: props.environment,
          "pod-security.kubernetes.io/enforce": "restricted",
          "pod-security.kubernetes.io/audit": "restricted",
          "pod-security.kubernetes.io/warn": "restricted",
          // The load balancer controller then holds a pod back until its target is healthy.
          "elbv2.k8s.aws/pod-readiness-gate-inject": "enabled",
        },
      },
    });
    this.name = namespace.metadata.name;

    new ResourceQuotaV1(this, "Quota", {
      metadata: { name: "quota", namespace: this.name },
      spec: {
        hard: {
          "requests.cpu": props.quota.cpu,
          "requests.memory": props.quota.memory,
          pods: String(props.quota.pods),
          "services.loadbalancers": "0",
          "services.nodeports": "0",
        },
      },
    });
    new LimitRangeV1(this, "Limits", {
      metadata: { name: "limits", namespace: this.name },
      spec: {
        limit: [
          {
            type: "Container",
            default: { cpu: "500m", memory: "512Mi" },
            defaultRequest: { cpu: "100m", memory: "128Mi" },
          },
        ],
      },
    });
    this.serviceAccount = this.grantReading();
  }

  /** The guide's role, without its right to read secrets: they are mounted, and no API call needs them. */
  private grantReading(): string {
    const metadata = (name: string) => ({ name, namespace: this.name });
    const account = new ServiceAccountV1(this, "ServiceAccount", {
      metadata: metadata("bist-trading-sa"),
      automountServiceAccountToken: false,
    });
    const role = new RoleV1(this, "Role", {
      metadata: metadata("bist-trading-role"),
      rule: [{ apiGroups: [""], resources: ["pods", "services", "configmaps"], verbs: ["get", "watch", "list"] }],
    });
    new RoleBindingV1(this, "RoleBinding", {
      metadata: metadata("bist-trading-binding"),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
      subject: [{ kind: "ServiceAccount", name: account.metadata.name, namespace: this.name }],
    });
    return account.metadata.name;
  }
}
