import { Certificate } from "@kubernetes-models/cert-manager/cert-manager.io/v1/Certificate";
import { ExternalSecret } from "@kubernetes-models/external-secrets/external-secrets.io/v1/ExternalSecret";
import { SecretStore } from "@kubernetes-models/external-secrets/external-secrets.io/v1/SecretStore";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { CustomObjects } from "../../custom-objects/custom-objects";
import { TargetGroupBinding } from "../../custom-objects/target-group-binding";
import { monitoringServices } from "../../../../config/monitoring-services";

export interface GrafanaAccessProps {
  readonly namespace: string;
  readonly region: string;
  readonly host: string;
  /** Name of cert-manager's ClusterIssuer. */
  readonly issuer: string;
  /** Name in Secrets Manager of the administrator's user name and password. */
  readonly adminSecret: string;
  readonly targetGroupArn: string;
}

const { name, port } = monitoringServices.grafana;
const STORE = "aws-secrets-manager";

/**
 * How the administrators get into Grafana: the target group of its host, the certificate that it shows to the load
 * balancer, and the first user's password, which nobody has to know to deploy it.
 */
export class GrafanaAccess extends Construct {
  /** Kubernetes Secret with `username` and `password`. */
  readonly adminSecret = "grafana-admin";
  /** Kubernetes Secret with `tls.crt` and `tls.key`, and `ca.crt` where the issuer has an authority of its own. */
  readonly certificateSecret = "grafana-tls";
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: GrafanaAccessProps) {
    super(scope, id);
    const { namespace, region, host, issuer, targetGroupArn } = props;
    const objects = [
      new SecretStore({
        metadata: { name: STORE, namespace },
        spec: { provider: { aws: { service: "SecretsManager", region } } },
      }),
      new ExternalSecret({
        metadata: { name: this.adminSecret, namespace },
        spec: {
          refreshInterval: "1h",
          secretStoreRef: { kind: "SecretStore", name: STORE },
          target: { name: this.adminSecret, creationPolicy: "Owner" },
          data: ["username", "password"].map((property) => ({
            secretKey: property,
            remoteRef: { key: props.adminSecret, property },
          })),
        },
      }),
      new Certificate({
        metadata: { name, namespace },
        spec: {
          secretName: this.certificateSecret,
          issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: issuer },
          dnsNames: [host],
          privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
          usages: ["digital signature", "server auth"],
        },
      }),
      new TargetGroupBinding({ name, namespace, service: { name, port }, targetGroupArn }),
    ];
    this.ready = [new CustomObjects(this, "Objects", { releaseName: "grafana-access", namespace, objects }).release];
  }
}
