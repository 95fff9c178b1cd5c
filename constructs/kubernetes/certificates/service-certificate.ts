import { Certificate } from "@kubernetes-models/cert-manager/cert-manager.io/v1/Certificate";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { CustomObjects } from "../custom-objects/custom-objects";
import type { PodCertificate } from "../workload/pod";

export interface ServiceCertificateProps {
  readonly namespace: string;
  readonly hosts: readonly string[];
  /** Name of cert-manager's ClusterIssuer. */
  readonly issuer: string;
  /** Whether everybody knows the issuer's authority. */
  readonly publiclyTrusted: boolean;
}

/** Kubernetes Secret with `tls.crt` and `tls.key`, and `ca.crt` where the issuer has an authority of its own. */
const SECRET_NAME = "bist-trading-tls";

/** What the services show the load balancer, and each other: cert-manager has it issued and renews it in time. */
export class ServiceCertificate extends Construct {
  /** What pods mount. */
  readonly shown: PodCertificate;
  /** What must be there before a pod that shows it. */
  readonly ready: ITerraformDependable;

  constructor(scope: Construct, id: string, props: ServiceCertificateProps) {
    super(scope, id);
    const { namespace, hosts, issuer, publiclyTrusted } = props;
    const certificate = new Certificate({
      metadata: { name: "bist-trading-cert", namespace },
      spec: {
        secretName: SECRET_NAME,
        issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: issuer },
        dnsNames: [...hosts],
        privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
        usages: ["digital signature", "server auth"],
      },
    });
    this.shown = { secretName: SECRET_NAME, publiclyTrusted };
    this.ready = new CustomObjects(this, "Objects", {
      releaseName: "service-certificate",
      namespace,
      objects: [certificate],
    }).release;
  }
}
