import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { Fn } from "cdktf";
import type { App } from "cdktf";
import type { Environment } from "../config";
import type { ClusterOutputs } from "./cluster-stack";
import { EnvironmentStack } from "./environment-stack";

/**
 * Where Helm keeps what it installed. Secrets are its default: a plan would have to read those of the application's
 * namespace with them. Values hold no secret, so config maps do.
 */
const HELM_DRIVER = "configmap";

/**
 * A Terraform state whose resources live in Kubernetes. The cluster is another stack's: a provider that is configured
 * from a resource of its own state cannot plan before that resource is there.
 */
export abstract class KubernetesStack extends EnvironmentStack {
  /** How commands that Terraform runs here reach the cluster: arguments of the project's tools. */
  protected get reach(): string {
    const { kubernetes, cluster, aws } = this.environment;
    return kubernetes.access === "eks"
      ? `--cluster ${cluster.name} --region ${aws.region}`
      : `--kubeconfig ${kubernetes.file} --context ${kubernetes.context}`;
  }

  protected constructor(app: App, environment: Environment, holds: string, cluster: ClusterOutputs) {
    super(app, environment, holds);
    const { kubernetes, aws } = environment;
    if (kubernetes.access === "kubeconfig") {
      // Terraform runs in cdktf.out/stacks/<stack>.
      const access = { configPath: `../../../${kubernetes.file}`, configContext: kubernetes.context };
      new KubernetesProvider(this, "kubernetes", access);
      new HelmProvider(this, "helm", { kubernetes: access, helmDriver: HELM_DRIVER });
      return;
    }
    const host = cluster.endpoint;
    const clusterCaCertificate = Fn.base64decode(cluster.certificateAuthority);
    // Tokens last 15 minutes: a fresh one for every run of Terraform, and none in a state.
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1beta1",
      command: "aws",
      args: ["eks", "get-token", "--cluster-name", cluster.name, "--region", aws.region],
    };
    new KubernetesProvider(this, "kubernetes", { host, clusterCaCertificate, exec: [exec] });
    new HelmProvider(this, "helm", {
      kubernetes: { host, clusterCaCertificate, exec },
      helmDriver: HELM_DRIVER,
    });
  }
}
