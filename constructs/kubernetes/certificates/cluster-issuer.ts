import { Certificate } from "@kubernetes-models/cert-manager/cert-manager.io/v1/Certificate";
import { ClusterIssuer as Issuer } from "@kubernetes-models/cert-manager/cert-manager.io/v1/ClusterIssuer";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Authority } from "../../../config/schema/platform";
import { CustomObjects } from "../custom-objects/custom-objects";
import type { CustomObject } from "../custom-objects/custom-objects";

export interface ClusterIssuerProps {
  readonly name: string;
  readonly authority: Authority;
  /** Where cert-manager runs, and looks for an authority's own key. */
  readonly namespace: string;
  /** The zone whose hosts certificates are issued for, where challenges are answered. */
  readonly zone: { readonly domain: string; readonly zoneId: string; readonly region: string };
  /** What has to be there first: cert-manager, or its kinds. */
  readonly after: readonly ITerraformDependable[];
}

/** Has certificates signed for every namespace, by a public authority or by one of the cluster's own. */
export class ClusterIssuer extends Construct {
  constructor(scope: Construct, id: string, props: ClusterIssuerProps) {
    super(scope, id);
    new CustomObjects(this, "Objects", {
      releaseName: "cluster-issuer",
      namespace: props.namespace,
      objects: props.authority.kind === "acme" ? [acmeIssuer(props, props.authority)] : ownAuthority(props),
      after: props.after,
    });
  }
}

/**
 * Proves by a record in the zone that the domain is ours: no request has to reach the cluster for it, and its rights
 * are those of cert-manager's own pod.
 */
function acmeIssuer({ name, zone }: ClusterIssuerProps, acme: Extract<Authority, { kind: "acme" }>): CustomObject {
  return new Issuer({
    metadata: { name },
    spec: {
      acme: {
        server: acme.server,
        email: acme.email,
        privateKeySecretRef: { name },
        solvers: [
          {
            selector: { dnsZones: [zone.domain] },
            dns01: { route53: { region: zone.region, hostedZoneID: zone.zoneId } },
          },
        ],
      },
    },
  });
}

/** A key that cert-manager makes once, signs by itself and then signs with. */
function ownAuthority({ name, namespace }: ClusterIssuerProps): readonly CustomObject[] {
  const root = `${name}-root`;
  return [
    new Issuer({ metadata: { name: root }, spec: { selfSigned: {} } }),
    new Certificate({
      metadata: { name: root, namespace },
      spec: {
        isCA: true,
        commonName: root,
        secretName: root,
        issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: root },
        privateKey: { algorithm: "ECDSA", size: 256 },
      },
    }),
    new Issuer({ metadata: { name }, spec: { ca: { secretName: root } } }),
  ];
}
